import { generateReportsIteration } from './generate-reports-iteration.ts'
import { generateReports } from './generate-reports.ts'
import { importOrders } from './import-orders.ts'
import { processOrdersIteration } from './process-orders-iteration.ts'
import { processOrders } from './process-orders.ts'
import { regionalReport } from './regional-report.ts'
import { resilient } from './resilient.ts'
import { syncCatalog } from './sync-catalog.ts'

/** All jobs of the shop. */
export const shopJobs = [
  processOrders,
  processOrdersIteration,
  importOrders,
  generateReports,
  generateReportsIteration,
  regionalReport,
  resilient,
  syncCatalog,
] as const
