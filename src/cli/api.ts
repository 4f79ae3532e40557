import type { AlertKind } from '../engine/alert-rules.ts'
import type { Alert } from '../engine/alert-store.ts'
import type { CommitPolicy } from '../engine/commit-policy.ts'
import type { RunError } from '../engine/errors.ts'
import type { InterruptDirective, SliceView } from '../engine/protocol.ts'
import type { RunView, Status } from '../engine/run.ts'
import type { SkippedItem } from '../engine/skipped-items.ts'
import type { Delivery } from '../webhooks/outbox.ts'

export type { Alert } from '../engine/alert-store.ts'
export type { Overview } from '../engine/overview.ts'
export type { Delivery } from '../webhooks/outbox.ts'

/** The API's JSON, as the command sends and reads it. */
export type Run = RunView

export interface JobInfo {
  name: string
  style: string
  unit?: string
  /** A JSON Schema. */
  params?: { properties?: Record<string, unknown> } | null
}

export interface NestedSteps {
  [step: string]: { cursor: unknown; nestedSteps?: NestedSteps }
}

export interface Checkpoint {
  run: string
  job: string
  style: string
  status: Status
  step: string | null
  cursor: unknown
  completedSteps: string[]
  nestedSteps?: NestedSteps
  resumptions: number
  updatedAt: string
  seq: number
  fence: number
  /** What it takes up in D1. */
  bytes: number
}

export interface Check {
  name: string
  ok: boolean
  expected: unknown
  actual: unknown
}

export interface Verification {
  ok: boolean
  run: string
  checks: Check[]
}

export interface Snapshot {
  customers: number
  regions: number
  lines: number
  orders: { total: number; pending: number; processed: number; failed: number; guest: number }
  failures: { cancelled: number; non_positive_total: number }
  processedTotalCents: number
  logRows: number
  duplicates: number
}

export interface StartOptions {
  params?: Record<string, unknown>
  hold?: boolean
  interrupt?: InterruptDirective
  commit?: CommitPolicy
  labels?: Record<string, string>
}

export interface SeedOptions {
  orders?: number
  customers?: number
  /** Each customer has exactly this many; excludes `orders`. */
  ordersPerCustomer?: number
  mixed?: boolean
  seed?: number
  quick?: boolean
}

export type Slice = SliceView
export type Skip = SkippedItem

export interface SkipPage {
  skips: Skip[]
  nextCursor: string | null
}

export interface PageQuery {
  limit?: number
  cursor?: string
}

/** Which runs are meant. */
export interface RunFilter {
  status?: string
  job?: string
  /** `name:value` */
  label?: string
  since?: string
  until?: string
}

export type RunsQuery = RunFilter & PageQuery

/** A job that is started by the clock. */
export interface Schedule {
  name: string
  job: string
  cron: string
  timeZone: string
  overlap: string
  nextTick: string
  lastRun: { run: string; tick: string } | null
  started: number
  skipped: number
  error?: RunError
}

export interface AlertsQuery extends PageQuery {
  run?: string
  kind?: AlertKind
  /** Only those that nothing and nobody has cleared. */
  open?: boolean
}

export interface AlertPage {
  alerts: Alert[]
  nextCursor: string | null
}

/** Who is told of runs, and a page of what they were told. */
export interface Webhooks {
  endpoints: { name: string; origin: string; events: string[] | null; jobs: string[] | null }[]
  /** Why nothing is sent. */
  problem?: string
  deliveries: Delivery[]
  nextCursor: string | null
}

export interface WebhooksQuery extends PageQuery {
  run?: string
}
