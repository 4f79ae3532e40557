import { adoptStored } from '../src/engine/drive/recovery.ts'
import type { StoredRun } from '../src/engine/drive/run-record.ts'
import { withTimeout } from '../src/engine/patience.ts'
import { readRun } from '../src/engine/store/d1/stored-run.ts'
import type { RunState } from './run-state.ts'

const LOOK_TIMEOUT_MS = 5_000

/** What D1 has of the run: nothing, something, or it does not say. */
export type Looked = 'gone' | 'there' | 'unknown'

/**
 * Looks what D1 has of the run, and adopts it where the object knows otherwise. `whenEmpty`: which rows an
 * object without storage takes over. What changes here meanwhile is newer than what was read.
 */
export async function lookInD1(
  run: string,
  db: D1Database,
  state: RunState,
  whenEmpty: (stored: StoredRun) => boolean = () => true,
): Promise<Looked> {
  const before = state.load()?.driving.objectRequests
  const answer = await withTimeout(readRun(db, run), LOOK_TIMEOUT_MS).catch(() => undefined)
  if (answer === undefined || state.storage.purging) return 'unknown'
  if (state.load()?.driving.objectRequests !== before) return 'unknown'
  if (answer === null) return 'gone'
  if (before !== undefined) await state.change((d) => adoptStored(d, answer, state.now()))
  else if (whenEmpty(answer)) await state.takeOver(answer)
  return 'there'
}
