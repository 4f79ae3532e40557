import { cutText } from '../../engine/cut-text.ts'
import { z } from '@hono/zod-openapi'
import { runObjects } from '../../engine/drive/run-objects.ts'
import type { RunView } from '../../engine/index.ts'
import { ProblemError } from '../problem.ts'

export const runParam = { params: z.object({ id: z.string() }) }

/** The run of that id, or a problem. */
export async function requireRun(env: Cloudflare.Env, id: string): Promise<RunView> {
  requireId(id)
  const object = () => runObjects(env)(id)
  const known = await object().describe()
  // An object that has lost its storage does not know its run until it looks for it in D1.
  if (!known) await object().poke(id)
  const run = known ?? (await object().describe())
  if (!run) throw unknownRun(id)
  return run
}

/** Asking for a name would create an object for it: only ids that a run can have are asked for. */
export function requireId(id: string): void {
  if (!/^[0-9a-f]{32}$/.test(id)) throw unknownRun(id)
}

export function unknownRun(id: string): ProblemError {
  return new ProblemError('unknown_run', `There is no run '${cutText(id, 64)}'`)
}
