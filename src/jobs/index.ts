import { importOrders } from './import-orders.ts'
import { processOrdersIteration } from './process-orders-iteration.ts'
import { processOrders } from './process-orders.ts'
import { syncCatalog } from './sync-catalog.ts'

/** All jobs of the shop. */
export const shopJobs = [processOrders, processOrdersIteration, importOrders, syncCatalog] as const
