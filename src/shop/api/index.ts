import type { ApiAddition } from '../../api/addition.ts'
import { mailboxRoutes } from './mailbox-routes.ts'
import { shopRoutes } from './shop-routes.ts'
import { sourceRoutes } from './sources.ts'

/** Routes that the shop's Worker adds to the API. */
export const shopApi: ApiAddition = {
  routes: (registry) => ({
    '/api/shop': shopRoutes(registry),
    '/api/shop/mailbox': mailboxRoutes(),
    '/sources': sourceRoutes(),
  }),
}
