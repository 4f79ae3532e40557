import { inert, table } from 'dogear/cli'
import type { Snapshot } from '../client.ts'

/** The shop in numbers, for people. */
export function snapshotText(given: Snapshot): string {
  const snapshot = inert(given)
  const { orders, failures } = snapshot
  return table([
    [
      'Orders:',
      `Total: ${orders.total} | Pending: ${orders.pending} | Processed: ${orders.processed} | Failed: ${orders.failed}`,
    ],
    [
      'Failures:',
      `cancelled: ${failures.cancelled} | non-positive total: ${failures.non_positive_total}`,
    ],
    ['Processed total:', (snapshot.processedTotalCents / 100).toFixed(2)],
    [
      'Customers:',
      `${snapshot.customers} in ${snapshot.regions} regions, ${orders.guest} guest orders`,
    ],
    ['Order lines:', `${snapshot.lines}`],
    ['Processing log:', `${snapshot.logRows} rows, ${snapshot.duplicates} duplicates`],
  ])
}
