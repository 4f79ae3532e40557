import type { EndStatus } from '../run.ts'
import { type Checkpoint, EMPTY_CHECKPOINT } from '../steps/continuation.ts'
import type { Change, LanePlan, Spent } from './change.ts'

/** A run's lane as D1 has it: the truth about what has happened. */
export interface LaneState {
  status: 'active' | EndStatus
  seq: number
  checkpoint: Checkpoint
  /** Encoded results of completed steps. */
  results: ReadonlyMap<string, string>
  commits: number
  /** Commits that took the run further. */
  progress: number
  done: number
  skipped: number
  total: number | null
  codeVersion: string
  d1Statements: number
  d1RowsRead: number
  d1RowsWritten: number
  /** Encoded; null before the first commit of a job that declares some. */
  attributes: string | null
  /** Grows each time that the run starts over. */
  round: number
  /** The lanes that the run's walk was cut into; 0 where it was not cut. */
  lanes: number
  /** The item that ends this lane, encoded; null where it has no end. */
  last: string | null
  /** Lanes beside this one that had not finished at the last raise, and what all those beside it had done then. */
  open: number
  othersDone: number
  othersSkipped: number
  /** This lane has come to its end. */
  finished: boolean
}

export function nothingKnown(): LaneState {
  return {
    status: 'active',
    seq: 0,
    checkpoint: EMPTY_CHECKPOINT,
    results: new Map(),
    commits: 0,
    progress: 0,
    done: 0,
    skipped: 0,
    total: null,
    codeVersion: '',
    d1Statements: 0,
    d1RowsRead: 0,
    d1RowsWritten: 0,
    attributes: null,
    round: 0,
    lanes: 0,
    last: null,
    open: 0,
    othersDone: 0,
    othersSkipped: 0,
    finished: false,
  }
}

/** The lane once `change` is committed. */
export function afterCommit(
  state: LaneState,
  change: Change,
  spent: Spent,
  codeVersion: string,
): LaneState {
  const next = {
    ...state,
    seq: state.seq + 1,
    status: change.end?.status ?? state.status,
    checkpoint: change.checkpoint,
    results: withResults(state.results, change.stepResults),
    attributes: change.attributes ?? state.attributes,
    skipped: state.skipped + (change.skips?.length ?? 0),
    commits: state.commits + 1,
    progress: state.progress + (change.progress ? 1 : 0),
    done: state.done + change.items,
    total: state.total ?? change.total ?? null,
    codeVersion,
    d1Statements: state.d1Statements + spent.statements,
    d1RowsRead: state.d1RowsRead + spent.rowsRead,
    d1RowsWritten: state.d1RowsWritten + spent.rowsWritten,
    finished: state.finished || change.finished === true,
    ...(change.plan && planned(change.plan)),
  }
  return change.startOver ? startedOver(next) : next
}

/** Of the lane that cuts the walk: the first one is its own. */
function planned({ cuts }: LanePlan): Pick<LaneState, 'lanes' | 'last' | 'open'> {
  return { lanes: cuts.length + 1, last: cuts[0] ?? null, open: cuts.length }
}

function startedOver(state: LaneState): LaneState {
  const { checkpoint, results, attributes, done, skipped } = nothingKnown()
  return { ...state, checkpoint, results, attributes, done, skipped, round: state.round + 1 }
}

function withResults(
  known: ReadonlyMap<string, string>,
  more: Change['stepResults'] = [],
): ReadonlyMap<string, string> {
  if (more.length === 0) return known
  const results = new Map(known)
  for (const { step, result } of more) {
    if (result === null) results.delete(step)
    else results.set(step, result)
  }
  return results
}
