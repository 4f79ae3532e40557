import { bindingsOf, isQueue, requireQueue } from '../src/engine/bindings.ts'
import { DEFAULT_QUEUE } from '../src/engine/drive/driving.ts'
import type { SliceMessage } from '../src/engine/drive/protocol.ts'
import type { NewRun } from '../src/engine/drive/run-record.ts'

/** A queue binding by its name; undefined when the Worker has none. `DEFAULT_QUEUE` is Dogear's own. */
export function queueNamed(
  env: Cloudflare.Env,
  name: string,
): Pick<Queue<SliceMessage>, 'send'> | undefined {
  if (name === DEFAULT_QUEUE) return bindingsOf(env).queue
  const binding = (env as unknown as Record<string, unknown>)[name]
  return isQueue(binding) ? binding : undefined
}

/**
 * The first queue that a new run names and the Worker does not have. A run that nobody could work is not to be taken
 * on: throws `missing_binding` where there is no queue at all, and its object cannot work it either.
 */
export function missingQueue(
  env: Cloudflare.Env,
  { parent, options: { queue, resumeQueue } }: NewRun,
  worksItself: boolean,
): string | undefined {
  if (!worksItself) requireQueue(env)
  // A follow-up run is listed by a commit, and a refusal would keep its parent from being closed.
  if (parent !== null) return undefined
  return [queue, resumeQueue].find(
    (name) => name !== undefined && name !== DEFAULT_QUEUE && !queueNamed(env, name),
  )
}

/** The note for people at a run whose queue a later deploy has taken away. */
export function queueGone(name: string): string {
  return `Its queue '${name}' is gone; messages go where those of jobs without a queue of their own go. Expected a queue producer of that name in the Worker's configuration`
}
