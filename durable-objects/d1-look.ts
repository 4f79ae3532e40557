import { adoptStored } from '../src/engine/drive/recovery.ts'
import type { Driving } from '../src/engine/drive/driving.ts'
import type { StoredRun } from '../src/engine/drive/run-record.ts'
import { withTimeout } from '../src/engine/patience.ts'
import type { RunStore } from '../src/engine/store/store.ts'

const LOOK_TIMEOUT_MS = 5_000

/** The state of an object that adopts what D1 has. */
interface Adopting {
  readonly storage: { readonly purging: unknown }
  now(): number
  load(): { driving: Driving } | null
  change(how: (d: Driving) => void): Promise<unknown>
  takeOver(stored: StoredRun): Promise<void>
}

/** D1's word about the run: it has nothing of it, has something, or does not say. */
export type Looked = 'gone' | 'there' | 'unknown'

/**
 * Looks what D1 has of the run, and adopts it where the object knows otherwise. `whenEmpty`: which rows an
 * object without storage takes over. What changes here meanwhile is newer than what was read.
 */
export async function lookInD1(
  run: string,
  store: Pick<RunStore, 'read'>,
  state: Adopting,
  whenEmpty: (stored: StoredRun) => boolean = () => true,
): Promise<Looked> {
  const before = state.load()?.driving.objectRequests
  const answer = await withTimeout(store.read(run), LOOK_TIMEOUT_MS).catch(() => undefined)
  if (answer === undefined || state.storage.purging) return 'unknown'
  if (state.load()?.driving.objectRequests !== before) return 'unknown'
  if (answer === null) return 'gone'
  if (before !== undefined) await state.change((d) => adoptStored(d, answer, state.now()))
  else if (whenEmpty(answer)) await state.takeOver(answer)
  return 'there'
}
