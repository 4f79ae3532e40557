import type { Clock } from '../clock.ts'
import type { PassOver } from '../drive/run-record.ts'
import type { Claim } from '../drive/protocol.ts'
import type { Emit, History } from '../events.ts'
import type { Job } from '../job/job.ts'
import type { RunInfo } from '../job/run-info.ts'
import type { InterruptionReason } from '../run.ts'
import type { Redact } from '../sensitive.ts'
import type { Lane } from '../store/store.ts'
import type { Budget } from './budget.ts'
import type { CommitPacer } from './commit-pacer.ts'
import type { Isolation } from './isolation.ts'
import type { RefusedCommits } from './refused-commits.ts'
import type { StopAt } from './stop-at.ts'

/** The skips of another run that a re-drive handles: of the commits after one and up to another. */
export interface RedriveRange {
  run: string
  afterSeq: number
  upToSeq: number
}

/** Dependencies of a pass. */
export interface PassDeps {
  job: Job
  params: unknown
  /** With a metered `DB`. */
  env: Cloudflare.Env
  run: RunInfo
  lane: Pick<Lane, 'state' | 'commit' | 'holder'>
  /** So many lanes the run's walk is to be cut into. */
  wantedLanes: number
  budget: Budget
  pacer: CommitPacer
  /** Whoever wants the slice to stop, and notes each commit. */
  reporter: { readonly stop: InterruptionReason | null; committed(): void }
  /** The slice has taken the run further. */
  slice: { readonly progressed: boolean }
  clock: Clock
  emit: Emit
  redact: Redact
  /** Somebody listens to events of single items. */
  itemEvents: boolean
  redrive: RedriveRange | null
  /** The item that a person wants to be passed over. */
  passOver: PassOver | undefined
  /** The number of requests that this isolate is answering. */
  others: () => number
  interrupt: Extract<Claim, { ok: true }>['interrupt']
  stopAt: StopAt | undefined
  /** Knows the item that D1 refused the effects of, found by halving; it is to be skipped. */
  refused: RefusedCommits
  isolation: Isolation
  history: () => History
}
