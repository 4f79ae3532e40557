import type { Client, Run } from 'dogear/client'

/** Goes on from the last commit before a time; what was committed since is done again, with these params. */
export async function forkBefore(
  client: Client,
  run: string,
  time: string,
  params: Record<string, unknown> = {},
): Promise<Run> {
  for await (const { seq, at, forkable } of client.eachCommit(run)) {
    if (at >= time || !forkable) continue
    return client.fork(run, { seq, params }, { idempotencyKey: `repair of ${time}` })
  }
  throw new Error(`run ${run} has no commit from before ${time} that can be forked`)
}
