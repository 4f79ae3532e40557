import { env } from 'cloudflare:workers'
import { runObjects } from '../../src/engine/drive/run-objects.ts'
import { consume, workerDeps, type ConsumerDeps } from '../../src/engine/slice/consumer.ts'
import { sliceMetrics } from '../../src/monitoring/index.ts'
import { due, registry } from './drive.ts'

/** Delivers the message that is due through the consumer, as the queue does: one slice and its metrics. */
export async function consumeOne(run: string, changes: Partial<ConsumerDeps> = {}): Promise<void> {
  const body = await due(run)
  const deps = { ...workerDeps(env, registry), listener: sliceMetrics, ...changes }
  await consume([{ body, ack: () => undefined }], deps)
}

/** Delivers until the run has ended or is held. */
export async function consumeAll(run: string, changes: Partial<ConsumerDeps> = {}): Promise<void> {
  for (let slices = 0; slices < 100; slices++) {
    const shown = await runObjects(env)(run).describe()
    if (shown?.finishedAt !== undefined || shown?.held) return
    await consumeOne(run, changes)
  }
  throw new Error('100 slices and no end')
}
