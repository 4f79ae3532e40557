import { check, type Check, type VerifyContext } from 'dogear'
import { lastOf } from '../last-of.ts'
import { lineageRows } from '../lineage-rows.ts'
import { skippedIds } from '../skipped-ids.ts'

interface CreditCounts {
  inRange: number
  scoredInRange: number
  doubled: number
  logged: number
}

/** Checks a run that scored customers: each of its range scored once, or passed over and listed. */
export async function verifyCredit(context: VerifyContext<unknown>): Promise<Check[]> {
  const counts = await context.env.DB.prepare(COUNTS)
    .bind(JSON.stringify(context.lineage), lastOf(context, 'load_customers'))
    .first<CreditCounts>()
  const { passedOver, both } = await countPassedOver(context)
  return [
    check(
      "All customers in the run's range scored or passed over",
      counts?.inRange,
      (counts?.scoredInRange ?? 0) + passedOver,
    ),
    check('No customer scored twice', 0, counts?.doubled),
    check('Each customer scored exactly once', context.run.progress.done, counts?.logged),
    check('No customer scored that was passed over', 0, both),
  ]
}

/** Of the customers that were passed over: those in the run's range without a score, and those with one. */
async function countPassedOver(context: VerifyContext<unknown>) {
  const statement = context.env.DB.prepare(PASSED_OVER)
  const counted = { passedOver: 0, both: 0 }
  for await (const ids of skippedIds(context.skips())) {
    const found = await statement
      .bind(JSON.stringify(context.lineage), lastOf(context, 'load_customers'), JSON.stringify(ids))
      .first<typeof counted>()
    counted.passedOver += found?.passedOver ?? 0
    counted.both += found?.both ?? 0
  }
  return counted
}

const COUNTS = `
  WITH scored AS (SELECT customer_id FROM (${lineageRows('credit_checks', 'customer_id')}))
  SELECT
    (SELECT count(*) FROM customers WHERE id <= ?2) AS inRange,
    (SELECT count(*) FROM customers WHERE id <= ?2 AND id IN (SELECT customer_id FROM scored)) AS scoredInRange,
    (SELECT count(*) - count(DISTINCT customer_id) FROM scored) AS doubled,
    (SELECT count(*) FROM scored) AS logged`

const PASSED_OVER = `
  WITH passed_over AS (
    SELECT value AS id, EXISTS (
      SELECT 1 FROM json_each(?1) AS lineage
        JOIN credit_checks ON run_id = lineage.value AND customer_id = skip.value
    ) AS scored
    FROM json_each(?3) AS skip
  )
  SELECT
    count(*) FILTER (WHERE NOT scored AND id <= ?2 AND id IN (SELECT id FROM customers)) AS passedOver,
    count(*) FILTER (WHERE scored) AS both
  FROM passed_over`
