import type { CommitPolicy } from '../engine/commit-policy.ts'
import type { InterruptDirective } from '../engine/protocol.ts'
import type { RunView, Status } from '../engine/run.ts'

/** The API's JSON, as the command sends and reads it. */
export type Run = RunView

export interface JobInfo {
  name: string
  style: string
  unit?: string
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
}

export interface SeedOptions {
  orders?: number
  customers?: number
  ordersPerCustomer?: number
  mixed?: boolean
  seed?: number
  quick?: boolean
}

export interface RunsQuery {
  status?: string
  job?: string
  limit?: number
  cursor?: string
}
