import type { Context } from 'hono'
import { z } from '@hono/zod-openapi'
import { runObjects } from '../../engine/drive/run-objects.ts'
import type { RunView } from '../../engine/index.ts'
import type { ApiEnv } from '../router.ts'
import { runIdOf, unknownRun } from '../request/run-id.ts'

const id = z.string().openapi({
  description: 'The id of a run, or 6 or more of its first characters when no other id begins so',
})

export const runParam = { params: z.object({ id }) }

/** The run that the path names, or a problem. */
export async function requireRun(c: Context<ApiEnv>, named: string): Promise<RunView> {
  const run = await runIdOf(c, named)
  const object = () => runObjects(c.env)(run)
  const known = await object().describe()
  // An object that has lost its storage does not know its run until it looks for it in D1.
  if (!known) await object().poke(run)
  const view = known ?? (await object().describe())
  if (!view) throw unknownRun(named)
  return view
}
