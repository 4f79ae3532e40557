import { ApiError, type Client, type ParamsOf, type Run } from 'dogear/client'
import type { processOrders } from '../../src/shop/jobs/process-orders.ts'

/** Starts the run of a day: one, however often this is called. */
export function settleOrders(client: Client, day: string, upTo: number): Promise<Run> {
  return client.start<ParamsOf<typeof processOrders>>(
    'process-orders',
    { params: { upTo }, labels: { day } },
    { idempotencyKey: `orders of ${day}` },
  )
}

/** Waits for the end of a run, also across a restart of the Worker. */
export async function ended(client: Client, id: string, tell = console.log): Promise<Run> {
  for await (const news of client.events(id)) {
    if (news.kind === 'event') tell(`${news.id} ${news.event.type}`)
    if (news.kind === 'lost') tell(`connection lost: ${news.because.detail}`)
    if (news.kind === 'run' && news.run.finishedAt !== undefined) return news.run
  }
  throw new Error('Only its reader ends the watching of a run')
}

/** Takes up all failed runs of a job again; gives the number of those that let it. */
export async function retryFailed(client: Client, job: string): Promise<number> {
  let retried = 0
  for await (const { id } of client.eachRun({ status: 'failed', job, limit: 100 })) {
    try {
      await client.command(id, 'retry')
      retried += 1
    } catch (error) {
      // Somebody else was faster.
      if (!(error instanceof ApiError && error.code === 'invalid_transition')) throw error
    }
  }
  return retried
}
