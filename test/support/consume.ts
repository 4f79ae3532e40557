import { env } from 'cloudflare:workers'
import { consume, workerDeps } from '../../src/engine/slice/consumer.ts'
import type { SliceDeps } from '../../src/engine/slice/deps.ts'
import { driving, registry, view } from './drive.ts'

/** Delivers the message that is due through the consumer, as the queue does: one slice and its metrics. */
export async function consumeOne(run: string, changes: Partial<SliceDeps> = {}): Promise<void> {
  const body = { run, lane: 0, n: (await driving(run)).n }
  await consume([{ body, ack: () => undefined }], { ...workerDeps(env, registry), ...changes })
}

/** Delivers until the run has ended or is held. */
export async function consumeAll(run: string, changes: Partial<SliceDeps> = {}): Promise<void> {
  for (let slices = 0; slices < 100; slices++) {
    const { finishedAt, held } = await view(run)
    if (finishedAt !== undefined || held) return
    await consumeOne(run, changes)
  }
  throw new Error('100 slices and no end')
}
