import { check, type Check, type VerifyContext } from 'dogear'
import { lineageRows, OWN } from '../lineage-rows.ts'

interface CreditCounts {
  inRange: number
  met: number
  doubled: number
  logged: number
  both: number
}

/** Checks a run that scored customers: each of its range scored once, or passed over and listed. */
export async function verifyCredit({
  env: { DB },
  run: { progress },
  lineage,
}: VerifyContext<unknown>): Promise<Check[]> {
  const counts = await DB.prepare(
    `WITH range AS (
        SELECT result ->> 'last' AS last FROM dogear_step_results WHERE run_id = ${OWN} AND step = 'load_customers'
      ), scored AS (
        SELECT customer_id FROM (${lineageRows('credit_checks', 'customer_id')})
      ), passed_over AS (
        SELECT CAST(cursor AS INTEGER) AS customer_id FROM dogear_skips WHERE run_id = ${OWN}
      )
      SELECT
        (SELECT count(*) FROM customers, range WHERE id <= last) AS inRange,
        (SELECT count(*) FROM customers, range WHERE id <= last
          AND (id IN (SELECT customer_id FROM scored) OR id IN (SELECT customer_id FROM passed_over))) AS met,
        (SELECT count(*) - count(DISTINCT customer_id) FROM scored) AS doubled,
        (SELECT count(*) FROM scored) AS logged,
        (SELECT count(*) FROM passed_over WHERE customer_id IN (SELECT customer_id FROM scored)) AS both`,
  )
    .bind(JSON.stringify(lineage))
    .first<CreditCounts>()
  const { inRange, met, doubled, logged, both } = counts ?? {
    inRange: -1,
    met: 0,
    doubled: -1,
    logged: -1,
    both: -1,
  }
  return [
    check("All customers in the run's range scored or passed over", inRange, met),
    check('No customer scored twice', 0, doubled),
    check('Each customer scored exactly once', progress.done, logged),
    check('No customer scored that was passed over', 0, both),
  ]
}
