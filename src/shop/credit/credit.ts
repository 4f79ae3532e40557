import { z } from 'zod'
import { type Effects, type RecordQuery, setStatement } from 'dogear'
import { eachSkip } from 'dogear/runs'

const customers = z.array(z.int().positive()).max(1_000).default([])

/** Params of `resilient`: by default all customers, and nothing goes wrong. */
export const CreditCheck = z.strictObject({
  upTo: z.int().positive().optional(),
  /** Ids of customers that the bureau does not know. */
  recoverable: customers,
  /** Ids of customers at which it breaks down. */
  fatal: customers,
  /** Times that it breaks down at each of these before it answers; without it for good. */
  healAfter: z.int().positive().optional(),
})
export type CreditCheck = z.output<typeof CreditCheck>

/** The customers there are at this moment: how many, and the last of them (0 when none). */
export async function customerRange(
  db: D1Database,
  { upTo = Number.MAX_SAFE_INTEGER }: Pick<CreditCheck, 'upTo'>,
) {
  const range = await db
    .prepare('SELECT coalesce(max(id), 0) AS last, count(*) AS count FROM customers WHERE id <= ?')
    .bind(upTo)
    .first<{ last: number; count: number }>()
  return range ?? { last: 0, count: 0 }
}

export function customersUpTo(last: number): RecordQuery<{ id: number }> {
  return { sql: 'SELECT id FROM customers WHERE id <= ?', params: [last] }
}

/** Adds the effect that records a customer's score. */
export function recordScore(effects: Effects, run: string, customer: number, score: number): void {
  effects.add(record, { run, customer, score })
}

// No condition, and no constraint: what the engine did twice would stand here twice.
const record = setStatement<{ run: string; customer: number; score: number }>(`
  INSERT INTO credit_checks (run_id, customer_id, score, checked_at)
  SELECT value ->> 'run', value ->> 'customer', value ->> 'score', strftime('%Y-%m-%dT%H:%M:%fZ', 'now')
  FROM json_each(?1)`)

/** The findings of a run. (A type and not an interface: only so can a step return it.) */
export type CreditSummary = { scored: number; passedOver: number; averageScore: number | null }

export async function summarizeCredit(db: D1Database, run: string): Promise<CreditSummary> {
  const summary = await db
    .prepare(
      `SELECT count(*) AS scored, round(avg(score), 1) AS averageScore
      FROM credit_checks WHERE run_id = ?1`,
    )
    .bind(run)
    .first<Omit<CreditSummary, 'passedOver'>>()
  let passedOver = 0
  for await (const _ of eachSkip(db, run)) passedOver += 1
  return { scored: 0, averageScore: null, ...summary, passedOver }
}
