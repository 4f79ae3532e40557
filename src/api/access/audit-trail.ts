import { bindingsOf } from '../../engine/bindings.ts'
import type { Context, MiddlewareHandler } from 'hono'
import { matchedRoutes } from 'hono/route'
import { isRecord } from '../../engine/record.ts'
import { cutText } from '../../engine/cut-text.ts'
import type { Registry } from '../../engine/job/registry.ts'
import { log } from '../../engine/log.ts'
import { showAll } from '../../engine/redactor.ts'
import { redactor } from '../../engine/sensitive.ts'
import { redactorIn } from '../../engine/store/d1/redactor-in.ts'
import { keyOf } from '../request/idempotency-key.ts'
import { runIdOf } from '../request/run-id.ts'
import { ProblemError } from '../problem.ts'
import type { ApiEnv } from '../router.ts'
import { isJson } from '../request/utf8-body.ts'
import { completeEntry, writeEntry, type NewEntry } from './audit-log.ts'
import type { Caller } from '../caller.ts'
import { changesState, routesOf } from './permissions.ts'
import { shortDetail } from './short-detail.ts'

/** Parts of a JSON body that an entry keeps, by route. */
export type AuditedParts = Readonly<Record<string, readonly string[]>>

/** Those of routes that name none. Never params: they may be anybody's secrets. */
const KEPT = [
  'command',
  'filter',
  'endpoint',
  'seq',
  'step',
  'hold',
  'now',
  'passOver',
  'wait',
  'interrupt',
  'commit',
  'labels',
  'until',
  'dryRun',
]
const RUN_ID = /^[0-9a-f]{32}$/

/**
 * Writes an entry for each request that changes something: first that it was asked, then how it went. What
 * cannot be written down is not done.
 */
export function auditTrail(
  registry: Registry,
  audited: AuditedParts = {},
): MiddlewareHandler<ApiEnv> {
  const sensitive = [...new Set(registry.all().flatMap((job) => job.sensitive))]
  return async (c, next) => {
    const caller = c.get('caller')
    if (!caller || !changesState(c.req.method)) return next()
    const entry = await entryOf(c, caller, sensitive, audited)
    const id = await record(c, { ...entry, status: null })
    await next()
    try {
      const run = entry.run === null ? await startedRun(c.res) : null
      await completeEntry(bindingsOf(c.env).db, id, c.res.status, run)
    } catch (error) {
      // The entry stands, without its outcome; the answer is right all the same.
      log.error('audit.outcome_unwritten', { id, error })
    }
  }
}

/** Notes that a role was too low. */
export async function recordRefusal(c: Context<ApiEnv>, caller: Caller): Promise<void> {
  const { action, params } = routeOf(c)
  const entry = { caller, action, run: runOf(params), detail: params, status: 403 }
  await record(c, entry)
}

/** Throws `audit_unavailable`. */
export async function record(c: Context<ApiEnv>, entry: NewEntry): Promise<number> {
  try {
    return await writeEntry(bindingsOf(c.env).db, entry)
  } catch (error) {
    log.error('audit.unwritten', { error })
    throw new ProblemError(
      'audit_unavailable',
      'The audit trail cannot be written, so nothing was done; try again later',
    )
  }
}

async function entryOf(
  c: Context<ApiEnv>,
  caller: Caller,
  sensitive: readonly string[],
  audited: AuditedParts,
): Promise<Omit<NewEntry, 'status'>> {
  const { action, params } = routeOf(c)
  const key = c.req.header('idempotency-key')
  const body = await bodyOf(c)
  const detail = {
    ...params,
    ...(key !== undefined && { idempotencyKey: keyOf(key) ?? key }),
    ...keptOf(body, audited[action] ?? KEPT),
  }
  const run = await runNamed(c, action, params)
  // A key or a label may repeat a param that is not to be seen: of the body, or of the run in question.
  const redact = redactor(body['params'], sensitive)
  const redactStored =
    run === null || !repeats(detail) ? showAll : await redactorIn(bindingsOf(c.env).db, run)
  return { caller, action, run, detail: shortDetail(redactStored(redact(detail))) }
}

/** True when somebody's own words are among the details. */
function repeats(detail: Record<string, unknown>): boolean {
  return ['idempotencyKey', 'labels', 'step', 'interrupt', 'passOver'].some(
    (name) => name in detail,
  )
}

/** The route that answers, and what the path gives it. */
export function routeOf(c: Context): { action: string; params: Record<string, string> } {
  const [route] = routesOf(matchedRoutes(c))
  const path = route?.path ?? c.req.path
  const segments = c.req.path.split('/')
  const params = path
    .split('/')
    .flatMap((name, index): [string, string][] =>
      name.startsWith(':') ? [[name.slice(1), cutText(segments[index] ?? '', 100)]] : [],
    )
  return { action: `${c.req.method} ${path}`, params: Object.fromEntries(params) }
}

/** Its JSON; nothing where there is none. */
async function bodyOf(c: Context): Promise<Record<string, unknown>> {
  // A file that is uploaded is nobody's to read here.
  if (c.req.method !== 'POST' || !isJson(c)) return {}
  // What is no JSON the route refuses.
  const body: unknown = await c.req.json().catch(() => null)
  return isRecord(body) ? body : {}
}

function keptOf(body: Record<string, unknown>, kept: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(body).filter(([name]) => kept.includes(name)))
}

function runOf({ id = '' }: Record<string, string>): string | null {
  return RUN_ID.test(id) ? id : null
}

/** The run that the path names, also by the beginning of its id; null when there is none. */
async function runNamed(
  c: Context<ApiEnv>,
  action: string,
  params: Record<string, string>,
): Promise<string | null> {
  const ofRuns = action.includes(' /api/runs/:id')
  if (!ofRuns || runOf(params) !== null) return runOf(params)
  try {
    return await runIdOf(c, params['id'] ?? '')
  } catch (error) {
    // The route refuses it, and the entry says with which status.
    if (error instanceof ProblemError) return null
    throw error
  }
}

async function startedRun(answer: Response): Promise<string | null> {
  if (!answer.ok || !answer.headers.get('content-type')?.includes('json')) return null
  const body = await answer.clone().json<{ id?: unknown } | null>()
  return typeof body?.id === 'string' && RUN_ID.test(body.id) ? body.id : null
}
