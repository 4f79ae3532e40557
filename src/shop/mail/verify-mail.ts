import { check, type Check, type SkippedItem, type VerifyContext } from 'dogear'
import { lastOf } from '../last-of.ts'
import { lineageRows } from '../lineage-rows.ts'
import { skippedIds } from '../skipped-ids.ts'
import { recipients, type Audience } from './customers.ts'
import { summarizeOutbox } from './outbox.ts'

/**
 * Checks a run that queued mails for an audience: each of its recipients is in the outbox, and each of
 * them once. Whether the mails were delivered is the sender's affair, see `verifyDelivery`.
 */
export async function verifyCampaign(context: VerifyContext<Audience>): Promise<Check[]> {
  const { lineage } = context
  const { DB } = context.env
  const { region, upTo } = context.params
  const { progress } = context.run
  const fixed = lastOf(context, 'load_recipients', 'initialize_scope') ?? upTo ?? null
  const mails = await DB.prepare(
    `SELECT count(*) AS count, count(DISTINCT customer_id) AS customers,
        coalesce(?2, max(customer_id), 0) AS last
      FROM (${lineageRows('outbox', 'customer_id')})`,
  )
    .bind(JSON.stringify(lineage), fixed)
    .first<{ count: number; customers: number; last: number }>()
  const { count = 0, customers = 0, last = 0 } = mails ?? {}
  const audience = recipients({ region, upTo: last })
  const wanted = await DB.prepare(`SELECT count(*) AS count FROM (${audience.sql})`)
    .bind(...(audience.params ?? []))
    .first<number>('count')
  return [
    check('Every recipient of the campaign is in the outbox', wanted, customers),
    check('No recipient has two mails', 0, count - customers),
    check('Each mail queued exactly once', progress.done, count),
    ...(progress.total === null || progress.skipped > 0
      ? []
      : [
          // Who signed up while the run was under way may have been met, too.
          check(
            'Every recipient counted at the start was met',
            progress.total,
            Math.min(progress.total, progress.done),
          ),
        ]),
  ]
}

/**
 * Checks a run of the sender: every mail of its campaign has its answer, those that were sent are at
 * the provider once each, and those that were skipped have bounced.
 */
export async function verifyDelivery({
  env: { DB },
  params: { campaign },
  run: { progress },
  skips,
}: VerifyContext<{ campaign: string }>): Promise<Check[]> {
  const [skipped, bounced] = await countBounced(DB, campaign, skips())
  const mails = await DB.prepare('SELECT count(*) AS count FROM outbox WHERE run_id = ?')
    .bind(campaign)
    .first<number>('count')
  const met = progress.done + progress.skipped
  return [
    // An outbox that was emptied since would agree with anything.
    check('The mails that were met are in the outbox', met, Math.min(met, mails ?? 0)),
    ...(await verifyAnswers(DB, campaign)),
    check('Every mail that was skipped has bounced', skipped, bounced),
  ]
}

/** The number of mails of a campaign that were skipped, and of those of them that bounced at least once. */
async function countBounced(
  db: D1Database,
  campaign: string,
  skips: AsyncIterable<SkippedItem>,
): Promise<[skipped: number, bounced: number]> {
  let skipped = 0
  let bounced = 0
  for await (const ids of skippedIds(skips)) {
    const found = await db
      .prepare(
        `SELECT count(*) AS bounced FROM json_each(?2) AS skip
          JOIN outbox ON outbox.id = skip.value AND outbox.run_id = ?1
          WHERE outbox.attempts > (outbox.status = 'sent')`,
      )
      .bind(campaign, JSON.stringify(ids))
      .first<number>('bounced')
    skipped += ids.length
    bounced += found ?? 0
  }
  return [skipped, bounced]
}

/** Checks a run that sends one mail itself. */
export async function verifySingleMail({
  env: { DB },
  run: { id },
  lineage,
}: VerifyContext<unknown>): Promise<Check[]> {
  const count = await DB.prepare(
    `SELECT count(*) AS count FROM (${lineageRows('outbox', 'recipient')})`,
  )
    .bind(JSON.stringify(lineage))
    .first<number>('count')
  return [check('One mail in the outbox', 1, count), ...(await verifyAnswers(DB, id))]
}

/** Checks a run that counts: what it has to say is there once, and is so. */
export async function verifyMetrics({
  env: { DB },
  params: { campaign },
  lineage,
}: VerifyContext<{ campaign?: string; customer?: number }>): Promise<Check[]> {
  const found = await DB.prepare(
    `SELECT count(*) AS rows, count(DISTINCT name) AS names, sum(value) AS value
      FROM (${lineageRows('mail_metrics', 'name')})`,
  )
    .bind(JSON.stringify(lineage))
    .first<{ rows: number; names: number; value: number | null }>()
  const { rows = 0, names = 0, value } = found ?? {}
  const mails = campaign === undefined ? 1 : await mailsOf(DB, campaign)
  return [
    check('Each figure recorded once', names, rows),
    check('The figures add up to all there was to count', mails, value ?? 0),
  ]
}

async function mailsOf(db: D1Database, campaign: string): Promise<number> {
  const { queued, sent, bounced } = await summarizeOutbox(db, campaign)
  return queued + sent + bounced
}

/**
 * Holds the outbox of a run against the shop's own mailbox; mails that another provider took are only
 * counted. The run's keys are a range of the mailbox's index: `/` comes just before `0`.
 */
async function verifyAnswers(db: D1Database, run: string): Promise<Check[]> {
  const found = await db
    .prepare(
      `SELECT
        (SELECT count(*) FROM outbox WHERE run_id = ?1) AS mails,
        (SELECT count(*) FROM outbox WHERE run_id = ?1 AND status IN ('sent', 'bounced')) AS answered,
        (SELECT count(*) FROM outbox WHERE run_id = ?1 AND provider = 'mailbox') AS sent,
        (SELECT count(DISTINCT key) FROM outbox WHERE run_id = ?1 AND provider = 'mailbox') AS keys,
        (SELECT count(DISTINCT mailbox.id) FROM outbox JOIN mailbox
          ON mailbox.key = outbox.key AND mailbox.recipient = outbox.recipient
            AND mailbox.id = CAST(outbox.provider_id AS INTEGER)
          WHERE outbox.run_id = ?1 AND outbox.provider = 'mailbox') AS arrived,
        (SELECT count(*) FROM mailbox WHERE key >= ?1 || '/' AND key < ?1 || '0') AS received`,
    )
    .bind(run)
    .first<Record<'mails' | 'answered' | 'sent' | 'keys' | 'arrived' | 'received', number>>()
  return [
    check('Every mail was sent, or has bounced', found?.mails, found?.answered),
    check('Each mail that was sent is in the mailbox once', found?.sent, found?.arrived),
    check('Calls to the provider make one mail per key', found?.keys, found?.received),
  ]
}
