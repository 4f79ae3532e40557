import type { ApiAddition } from 'dogear/api'
import { mailboxRoutes } from './mailbox-routes.ts'
import { shopRoutes } from './shop-routes.ts'
import { sourceRoutes } from './sources.ts'

/** Routes that the shop's Worker adds to the API. */
export const shopApi: ApiAddition = {
  routes: {
    '/api/shop': shopRoutes(),
    '/api/shop/mailbox': mailboxRoutes(),
    '/sources': sourceRoutes(),
  },
  permissions: {
    'GET /api/shop/snapshot': 'viewer',
    'GET /api/shop/mailbox': 'viewer',
    'GET /sources/:file': 'viewer',
    'PUT /api/shop/imports/:name': 'operator',
    'POST /api/shop/seed': 'admin',
    'POST /api/shop/reset': 'admin',
    'POST /api/shop/clean': 'admin',
  },
  problems: {
    import_empty: [422, 'Empty import'],
    import_name_wrong: [422, 'Wrong import name'],
    import_unreadable: [422, 'Unreadable file'],
    import_too_large: [413, 'File too large'],
    import_columns_wrong: [422, 'Wrong columns'],
    import_row_broken: [422, 'Broken row'],
  },
  audited: {
    'POST /api/shop/seed': ['orders', 'customers', 'mixed', 'seed', 'quick'],
  },
}
