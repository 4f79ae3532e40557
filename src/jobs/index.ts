import { importOrders } from './import-orders.ts'
import { processOrdersIteration } from './process-orders-iteration.ts'
import { processOrders } from './process-orders.ts'

/** All jobs of the shop. */
export const shopJobs = [processOrders, processOrdersIteration, importOrders] as const
