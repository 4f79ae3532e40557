import { bindingsOf, isQueue, requireQueue } from '../src/engine/bindings.ts'
import { DEFAULT_QUEUE } from '../src/engine/drive/driving.ts'
import type { SliceMessage } from '../src/engine/drive/protocol.ts'
import type { NewRun, RunOptions } from '../src/engine/drive/run-record.ts'

type Sender = Pick<Queue<SliceMessage>, 'send'>

/** A queue binding by its name; undefined when the Worker has none. */
function queueNamed(env: Cloudflare.Env, name: string): Sender | undefined {
  const binding = (env as unknown as Record<string, unknown>)[name]
  return isQueue(binding) ? binding : undefined
}

/**
 * The queue that a run's messages go to: the one that its job names, else Dogear's own, which a host may call otherwise
 * than `DEFAULT_QUEUE`, and have another one of that name. `gone`: a name that a later deploy has taken away.
 * `own`: whether it is Dogear's own that is meant.
 */
export function queueOf(
  env: Cloudflare.Env,
  name: string,
  { queue, resumeQueue }: RunOptions,
): { queue: Sender | undefined; own: boolean; gone?: string } {
  const own = bindingsOf(env).queue
  if (name === DEFAULT_QUEUE && queue !== name && resumeQueue !== name)
    return { queue: own, own: true }
  const named = queueNamed(env, name)
  return named ? { queue: named, own: false } : { queue: own, own: false, gone: name }
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
  return [queue, resumeQueue].find((name) => name !== undefined && !queueNamed(env, name))
}

/** The note for people at a run whose queue a later deploy has taken away. */
export function queueGone(name: string): string {
  return `Its queue '${name}' is gone; messages go where those of jobs without a queue of their own go. Expected a queue producer of that name in the Worker's configuration`
}
