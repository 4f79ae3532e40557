import { Client, type JobInfo, type Run as RunOfApi } from '../client/index.ts'
import { Connection } from '../client/connection.ts'

export { ApiError as Problem } from '../client/index.ts'
export type {
  AuditEntry,
  JobInfo,
  Mail,
  NestedSteps,
  RunFilter,
  Schedule,
  Session,
  Skip,
  Slice,
  Snapshot,
  StartOptions,
  Verification,
} from '../client/index.ts'
import type { Overview as O, RunsQuery as Q } from '../client/index.ts'

export type Run = RunOfApi & { forkOf?: { run: string; seq: number } }
export type Overview = Omit<O, 'needsAttention'> & {
  needsAttention: (O['needsAttention'][number] & { kind?: string; alert?: number })[]
}
export type RunsQuery = Q & { q?: string; error?: string; sort?: string }

export interface Alert {
  id: number
  run: string
  job: string
  kind: string
  message: string
  raisedAt: string
  clearedAt: string | null
}

export interface Delivery {
  id: number
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

export interface WebhookPage {
  endpoints: { name: string; origin: string; events: string[]; jobs: string[] | null }[]
  problem?: string
  deliveries: Delivery[]
  nextCursor: string | null
}

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

/** A field of a params schema, as far as a form can be made of it. */
export type ParamSchema = NonNullable<NonNullable<JobInfo['params']>['properties']>[string]

const c = new Connection('', {})
const s = (q: object) =>
  `?${new URLSearchParams(Object.entries(q).map(([k, v]) => [k, String(v)]))}`

class Later extends Client {
  kill = (id: string) => c.json<Run>('POST', `/api/runs/${id}/kill`)
  ledger = (id: string, q: object) =>
    c.json<{ commits: Commit[] }>('GET', `/api/runs/${id}/ledger${s(q)}`)
  fork = (id: string, body: object) => c.json<Run>('POST', `/api/runs/${id}/fork`, { body })
  restart = (id: string, body: object) => c.json<Run>('POST', `/api/runs/${id}/restart`, { body })
  alerts = (q: object) =>
    c.json<{ alerts: Alert[]; nextCursor: string | null }>('GET', `/api/alerts${s(q)}`)
  dismiss = (id: number) => c.json<Alert>('POST', `/api/alerts/${id}/dismiss`)
  webhooks = (q: object) => c.json<WebhookPage>('GET', `/api/webhooks${s(q)}`)
  retryDelivery = (id: number) => c.json<Delivery>('POST', `/api/webhooks/deliveries/${id}/retry`)
  testWebhook = (endpoint: string) =>
    c.json<Delivery>('POST', '/api/webhooks/test', { body: { endpoint } })
}

/** The API at the page's own origin; the browser sends the session along. */
export const client = new Later()
