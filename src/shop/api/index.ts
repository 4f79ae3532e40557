import type { ApiAddition } from '../../api/addition.ts'
import { mailboxRoutes } from './mailbox-routes.ts'
import { shopRoutes } from './shop-routes.ts'
import { sourceRoutes } from './sources.ts'
import { verifyRun } from '../verify-run.ts'

/** What the shop's Worker adds to the API: its own routes, and proofs over its own tables. */
export const shopApi: ApiAddition = {
  routes: (registry) => ({
    '/api/shop': shopRoutes(registry),
    '/api/shop/mailbox': mailboxRoutes(),
    '/sources': sourceRoutes(),
  }),
  verify: verifyRun,
}
