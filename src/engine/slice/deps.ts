import type { Clock } from '../clock.ts'
import type { RunObjects } from '../drive/protocol.ts'
import type { EngineEvent } from '../events.ts'
import type { Registry } from '../job/registry.ts'
import type { StopAt } from '../pass/stop-at.ts'
import type { StatementBudget } from '../store/d1/metered-database.ts'

/** Dependencies of a slice. Tests replace any of them. */
export interface SliceDeps {
  env: Cloudflare.Env
  jobs: Registry
  objects: RunObjects
  clock: Clock
  /** D1 statements left in this invocation; shared by the slices of one delivery. */
  statements: StatementBudget
  /** The most that one slice may take of them. */
  statementShare?: number
  wallMs: number
  /** The number of requests that this isolate is answering; a slice makes room for them. */
  others?: () => number
  codeVersion: string
  /**
   * Rejects while this code must not work on the database (`Schema.ready`): the slice stands aside then. `failed`:
   * an error that its tables may be the cause of.
   */
  ready?: (failed?: unknown) => Promise<void>
  /** For tests: the lowest number of the objects' protocol that is worked with. */
  minimum?: number
  d1PatienceMs?: number
  /** Hears what happens; see `EventPayloads`. */
  onEvent?: (event: EngineEvent) => void
  /** It also hears of each item, which takes its time. @default false */
  itemEvents?: boolean
  /** For tests: asked at each checkpoint whether the slice is to be interrupted there. */
  stopAt?: StopAt
}

/** Hears of one slice. What it throws is noted in the log, and changes nothing for the run. */
export interface SliceListener {
  /** Each event, as it happens: while it takes one, the run waits. */
  take(event: EngineEvent): void
  /** The slice is over and its message acknowledged. What it asks of `db` counts as the invocation's. */
  done?(db: D1Database): Promise<void>
}
