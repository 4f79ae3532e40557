import {
  check,
  isEnded,
  verifyLedger,
  type Check,
  type RunView,
  type SliceView,
} from '../engine/index.ts'
import type { OrderRange } from './orders.ts'
import type { Upload } from './upload.ts'
import { verifyImport, verifyOrders } from './verification.ts'
import { verifyRegional } from './verify-regional.ts'
import { verifyReports } from './verify-reports.ts'
import { verifyCatalog } from './verify-catalog.ts'
import { verifyCredit } from './verify-credit.ts'
import { verifyCampaign, verifyDelivery, verifyMetrics, verifySingleMail } from './verify-mail.ts'

/** The proof that a run did everything exactly once. */
export interface Verification {
  ok: boolean
  run: string
  checks: Check[]
}

type Verifier = (env: Cloudflare.Env, run: RunView) => Promise<Check[]>

const orders: Verifier = (env, { id, params, createdAt, progress }) =>
  verifyOrders(env.DB, {
    id,
    params: params as OrderRange,
    createdAt,
    progressDone: progress.done,
    progressTotal: progress.total,
  })

const reports: Verifier = (env, { id }) => verifyReports(env.DB, id)

/** What each job's work can be held against, beside its ledger. */
const VERIFIERS: Record<string, Verifier> = {
  'process-orders': orders,
  'process-orders-iteration': orders,
  'import-orders': (env, { params }) => verifyImport(env.DB, env.FILES, params as Upload),
  'generate-reports': reports,
  'generate-reports-iteration': reports,
  'regional-report': (env, { id }) => verifyRegional(env.DB, id),
  resilient: (env, run) => verifyCredit(env.DB, run),
  'sync-catalog': (env, run) => verifyCatalog(env.DB, run),
  'batch-emails': ({ DB }, run) => verifyCampaign(DB, run),
  'batch-emails-iteration': ({ DB }, run) => verifyCampaign(DB, run),
  'bulk-welcome-email': ({ DB }, run) => verifyCampaign(DB, run),
  'deliver-mail': ({ DB }, run) => verifyDelivery(DB, run),
  'send-welcome-email': ({ DB }, run) => verifySingleMail(DB, run),
  'send-onboarding-tips': ({ DB }, run) => verifySingleMail(DB, run),
  'notify-admin': ({ DB }, run) => verifySingleMail(DB, run),
  'track-signup-metrics': ({ DB }, run) => verifyMetrics(DB, run),
  'track-bulk-email-metrics': ({ DB }, run) => verifyMetrics(DB, run),
}

/** Checks a run: its job's own claims, its ledger, and that it is over and nobody holds it. */
export async function verifyRun(
  env: Cloudflare.Env,
  run: RunView,
  slices: readonly SliceView[],
): Promise<Verification> {
  const own = (await VERIFIERS[run.job]?.(env, run)) ?? []
  const ledger = await verifyLedger(env.DB, run.id)
  const over = [
    check('Run completed', 'completed', run.status),
    check(
      'Lease free',
      true,
      isEnded(run.status) && slices.every(({ outcome }) => outcome !== 'running'),
    ),
  ]
  const checks = [...own, ...ledger, ...over]
  return { ok: checks.every(({ ok }) => ok), run: run.id, checks }
}
