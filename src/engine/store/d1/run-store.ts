import type { RunStore } from '../store.ts'
import { cancelRun, failRun, raiseRun, reopenRun } from './by-fence.ts'
import { isListed } from './children-queries.ts'
import { createRun } from './create-run.ts'
import { closingStore } from './ended-run.ts'
import { indexRun } from './index-run.ts'
import { deleteRun } from './purge.ts'
import { readLaneOf, readRun } from './stored-run.ts'

/** The rows of runs in D1. */
export function runStore(db: D1Database): RunStore {
  return {
    ...closingStore(db),
    create: (...run) => createRun(db, ...run),
    read: (run) => readRun(db, run),
    laneOf: (run, lane) => readLaneOf(db, run, lane),
    cancel: (by, closed) => cancelRun(db, by, closed),
    fail: (by, how) => failRun(db, by, how),
    raise: (by) => raiseRun(db, by),
    reopen: (by) => reopenRun(db, by),
    index: (...row) => indexRun(db, ...row),
    lists: (parent, run) => isListed(db, parent, run),
    remove: (run, purge) => deleteRun(db, run, purge),
  }
}
