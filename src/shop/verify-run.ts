import {
  type Check,
  lineageOf,
  type RunView,
  type SliceView,
  type Verification,
  verifyRun as verifyAnyRun,
} from '../engine/index.ts'
import { verifyCatalog } from './catalog/verify-catalog.ts'
import { verifyCredit } from './credit/verify-credit.ts'
import type { Upload } from './imports/upload.ts'
import { verifyImport } from './imports/verify-import.ts'
import {
  verifyCampaign,
  verifyDelivery,
  verifyMetrics,
  verifySingleMail,
} from './mail/verify-mail.ts'
import type { OrderRange } from './orders/orders.ts'
import { verifyOrders } from './orders/verify-orders.ts'
import { verifyRegional } from './reports/verify-regional.ts'
import { verifyReports } from './reports/verify-reports.ts'

/** `line`: the run, and those it was forked from, the nearest first; their work counts for it. */
type Verifier = (env: Cloudflare.Env, run: RunView, line: readonly string[]) => Promise<Check[]>

const orders: Verifier = (env, { id, params, createdAt, progress }, line) =>
  verifyOrders(env.DB, {
    id,
    line,
    params: params as OrderRange,
    createdAt,
    progressDone: progress.done,
    progressTotal: progress.total,
  })

const reports: Verifier = ({ DB }, _run, line) => verifyReports(DB, line)

/** What each job's work can be held against, beside its ledger. */
const VERIFIERS: Record<string, Verifier> = {
  'process-orders': orders,
  'process-orders-iteration': orders,
  'import-orders': (env, { params }) => verifyImport(env.DB, env.FILES, params as Upload),
  'generate-reports': reports,
  'generate-reports-iteration': reports,
  'regional-report': ({ DB }, _run, line) => verifyRegional(DB, line),
  resilient: ({ DB }, run, line) => verifyCredit(DB, run, line),
  'sync-catalog': ({ DB }, run, line) => verifyCatalog(DB, run, line),
  'batch-emails': ({ DB }, run, line) => verifyCampaign(DB, run, line),
  'batch-emails-iteration': ({ DB }, run, line) => verifyCampaign(DB, run, line),
  'bulk-welcome-email': ({ DB }, run, line) => verifyCampaign(DB, run, line),
  'deliver-mail': ({ DB }, run) => verifyDelivery(DB, run),
  'send-welcome-email': ({ DB }, run, line) => verifySingleMail(DB, run, line),
  'send-onboarding-tips': ({ DB }, run, line) => verifySingleMail(DB, run, line),
  'notify-admin': ({ DB }, run, line) => verifySingleMail(DB, run, line),
  'track-signup-metrics': ({ DB }, run, line) => verifyMetrics(DB, run, line),
  'track-bulk-email-metrics': ({ DB }, run, line) => verifyMetrics(DB, run, line),
}

/** Checks a run: its job's own claims, its ledger, and that it is over and nobody holds it. */
export async function verifyRun(
  env: Cloudflare.Env,
  run: RunView,
  slices: readonly SliceView[],
): Promise<Verification> {
  const line = (await lineageOf(env.DB, run.id)).map(({ run: id }) => id)
  const own = (await VERIFIERS[run.job]?.(env, run, line)) ?? []
  return verifyAnyRun(env.DB, run, slices, own)
}
