import type { SliceMessage } from '../engine/drive/protocol.ts'
import type { RunView } from '../engine/run.ts'
import type { SliceDeps } from '../engine/slice/deps.ts'
import { runSlice } from '../engine/slice/slice.ts'
import type { DriveOptions, RunRef, TestBench } from './bench.ts'
import { TestingError } from './errors.ts'
import { sharedBench } from './inline.ts'
import { type CallFault, Invocation } from './invocation.ts'
import type { CallKind, SliceCall } from './slice-call.ts'

/** Where a slice is killed: at a call of this kind, or at one for which the function answers true. */
export type KillPoint = CallKind | ((call: SliceCall) => boolean)

export interface KillOptions {
  /** Which one of the slice's calls that fit, from 1. @default 1 */
  nth?: number
  /** Replaces parts of what the slice works with. */
  deps?: Partial<SliceDeps>
  /** Works this message, whatever the queue has. */
  message?: SliceMessage
}

/**
 * Works one slice of a run, and kills its process before a call that it is about to make: the call never
 * happens. Gives back the run as it lies there; whatever drives it next goes on. Throws `never_killed` when
 * the slice makes no such call.
 */
export function killBefore(
  run: RunRef,
  point: KillPoint,
  options: KillOptions = {},
  bench: TestBench = sharedBench(),
): Promise<RunView> {
  return kill(bench, run, point, options, 'dies_before')
}

/** Kills it after the call has landed, and before its answer has come: the hardest moment. */
export function killAfter(
  run: RunRef,
  point: KillPoint,
  options: KillOptions = {},
  bench: TestBench = sharedBench(),
): Promise<RunView> {
  return kill(bench, run, point, options, 'dies_after')
}

async function kill(
  bench: TestBench,
  run: RunRef,
  point: KillPoint,
  { nth = 1, deps, message: given }: KillOptions,
  fault: CallFault,
): Promise<RunView> {
  let met = 0
  const fits = (call: SliceCall): boolean =>
    typeof point === 'string' ? call.kind === point : point(call)
  let killed = false
  let calls = 0
  const options: DriveOptions = {
    ...(deps && { deps }),
    slice: async (message, parts) => {
      calls = 0
      const { env, objects, died } = new Invocation(parts, (call) => {
        calls += 1
        return fits(call) && ++met === nth ? fault : undefined
      })
      const lived = runSlice(message, { ...parts, env, objects })
      await Promise.race([lived, died.then(() => (killed = true))])
    },
    // A message of the past is refused its claim, and is no slice.
    until: () => killed || calls > 1,
  }
  const view = await (given ? bench.redeliver(given, options) : bench.drive(run, options))
  if (killed) return view
  const where = typeof point === 'string' ? `${point} ${nth}` : `call ${nth} of those named`
  throw new TestingError(
    'never_killed',
    `Run ${view.id} has come to be ${view.status} after ${met} such calls; expected its slice to come to ${where}`,
  )
}
