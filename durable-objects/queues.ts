import { bindingsOf, isQueue } from '../src/engine/bindings.ts'
import { DEFAULT_QUEUE } from '../src/engine/drive/driving.ts'
import type { SliceMessage } from '../src/engine/drive/protocol.ts'
import type { RunOptions } from '../src/engine/drive/run-record.ts'

/** A queue binding by its name; undefined when the Worker has none. */
export function queueNamed(
  env: Cloudflare.Env,
  name: string,
): Pick<Queue<SliceMessage>, 'send'> | undefined {
  if (name === DEFAULT_QUEUE) return bindingsOf(env).queue
  const binding = (env as unknown as Record<string, unknown>)[name]
  return isQueue(binding) ? binding : undefined
}

/** The first queue that a run names and the Worker does not have. */
export function missingQueue(
  env: Cloudflare.Env,
  { queue, resumeQueue }: RunOptions,
): string | undefined {
  return [queue, resumeQueue].find((name) => name !== undefined && !queueNamed(env, name))
}

/** The note for people at a run whose queue a later deploy has taken away. */
export function queueGone(name: string): string {
  return `Its queue '${name}' is gone; messages go to ${DEFAULT_QUEUE} instead. Expected a queue producer of that name in wrangler.toml`
}
