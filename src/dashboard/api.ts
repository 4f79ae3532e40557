import type { Command, RunView, Status } from '../engine/run.ts'
import type { SliceView } from '../engine/protocol.ts'
import type { RunError } from '../engine/errors.ts'

/** The API's JSON as the page reads it. */
export type Run = RunView
export type Slice = SliceView

export interface Page<T> {
  nextCursor: string | null
  items: T[]
}

/** A field of a params schema, as far as a form can be made of it. */
export interface ParamSchema {
  type?: string | string[]
  enum?: unknown[]
  description?: string
  default?: unknown
  format?: string
  minimum?: number
  maximum?: number
}

export interface JobInfo {
  name: string
  style: string
  unit: string
  params: { properties?: Record<string, ParamSchema>; required?: string[] } | null
}

export interface Skip {
  step: string
  cursor: unknown
  error: RunError
  attempts: number
  skippedAt: string
}

export interface Verification {
  ok: boolean
  checks: { name: string; ok: boolean; expected: unknown; actual: unknown }[]
}

export interface Snapshot {
  customers: number
  orders: { total: number; pending: number; processed: number; failed: number; guest: number }
  processedTotalCents: number
  logRows: number
  duplicates: number
}

/** Who asks, and how the API knows. */
export interface Session {
  name: string
  role: 'viewer' | 'operator' | 'admin'
  how: string
}

export interface Quantiles {
  p50: number | null
  p95: number | null
  p99: number | null
}

export interface Overview {
  runsByStatus: Record<Status, number>
  itemsPerSecond: number
  commitMs: Quantiles
  queueLagMs: Quantiles
  averageResumptions: number | null
  checkpointHealth: { judged: number; healthy: number }
  needsAttention: { run: string; job: string; status: Status; problem: string }[]
}

export interface Schedule {
  name: string
  job: string
  cron: string
  timeZone: string
  nextTick: string
  lastRun: { run: string; tick: string } | null
  skipped: number
}

export interface Alert {
  id: number | string
  run: string
  job: string
  kind: string
  message: string
  raisedAt: string
  clearedAt: string | null
}

export interface Delivery {
  id: number | string
  endpoint: string
  event: string
  run: string | null
  status: 'pending' | 'delivered' | 'given_up'
  attempts: number
  nextAt: string | null
  lastError: string | null
  createdAt: string
  deliveredAt: string | null
}

export interface Webhooks {
  endpoints: { name: string; origin: string; events: string[]; jobs: string[] | null }[]
  problem?: string
  deliveries: Delivery[]
  nextCursor: string | null
}

/** A commit, as the ledger has it. */
export interface Commit {
  seq: number
  step: string | null
  fromCursor: unknown
  toCursor: unknown
  items: number
  fence: number
  at: string
  forkable: boolean
}

export interface AuditEntry {
  id: number
  at: string
  actor: string
  role: string
  how: string
  action: string
  run: string | null
  detail: Record<string, unknown>
  status: number | null
}

export interface Mail {
  id: number
  to: string
  subject: string
  body: string
  calls: number
  receivedAt: string
}

export interface RunFilter {
  status?: Status | ''
  job?: string
  label?: string
}

/** What the API refused, or that it could not be reached (`code` is then `unreachable`). */
export class Problem extends Error {
  override readonly name = 'Problem'
  readonly code: string
  readonly status: number

  constructor(code: string, status: number, detail: string) {
    super(detail)
    this.code = code
    this.status = status
  }
}

async function request<T>(method: string, path: string, body?: unknown): Promise<T> {
  let response: Response
  try {
    response = await fetch(path, {
      method,
      headers: {
        accept: 'application/json',
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
  } catch {
    throw new Problem('unreachable', 0, 'The Worker cannot be reached')
  }
  const answer = (await response.json().catch(() => ({}))) as Record<string, unknown>
  if (!response.ok) {
    const { code = `http_${response.status}`, detail = response.statusText } = answer
    throw new Problem(String(code), response.status, String(detail))
  }
  return answer as T
}

const at = encodeURIComponent

export const api = {
  jobs: async () => (await request<{ jobs: JobInfo[] }>('GET', '/api/jobs')).jobs,
  async runs(filter: RunFilter, cursor?: string, limit = 25): Promise<Page<Run>> {
    const entries = Object.entries({ ...filter, cursor, limit: `${limit}` })
    const query = new URLSearchParams(
      entries.filter((entry): entry is [string, string] => Boolean(entry[1])),
    )
    const { runs, nextCursor } = await request<{ runs: Run[]; nextCursor: string | null }>(
      'GET',
      `/api/runs?${query}`,
    )
    return { items: runs, nextCursor }
  },
  run: (id: string) => request<Run>('GET', `/api/runs/${at(id)}`),
  checkpoint: (id: string) =>
    request<{ nestedSteps?: Record<string, unknown> }>('GET', `/api/runs/${at(id)}/checkpoint`),
  slices: async (id: string) =>
    (await request<{ slices: Slice[] }>('GET', `/api/runs/${at(id)}/slices`)).slices,
  skips: async (id: string) =>
    (await request<{ skips: Skip[] }>('GET', `/api/runs/${at(id)}/skips`)).skips,
  verification: (id: string) => request<Verification>('GET', `/api/runs/${at(id)}/verification`),
  command: (id: string, command: Command | 'redrive', body: object = {}) =>
    request<Run>(
      'POST',
      `/api/runs/${at(id)}/${command}`,
      command === 'redrive' ? undefined : body,
    ),
  start: (job: string, body: object) => request<Run>('POST', `/api/jobs/${at(job)}/runs`, body),
  bulk: (command: Command, filter: RunFilter) =>
    request<Run>('POST', '/api/runs/bulk', { command, filter }),
  session: () => request<Session>('GET', '/api/session'),
  logIn: (token: string) => request<Session>('POST', '/api/session', { token }),
  logOut: () => request<object>('DELETE', '/api/session'),
  overview: () => request<Overview>('GET', '/api/overview'),
  schedules: async () =>
    (await request<{ schedules: Schedule[] }>('GET', '/api/schedules')).schedules,
  mails: async () => (await request<{ mails: Mail[] }>('GET', '/api/shop/mailbox?limit=20')).mails,
  snapshot: () => request<Snapshot>('GET', '/api/shop/snapshot'),
  shop: (what: 'seed' | 'reset' | 'clean', body: object = {}) =>
    request<Snapshot>('POST', `/api/shop/${what}`, what === 'seed' ? body : undefined),
}
