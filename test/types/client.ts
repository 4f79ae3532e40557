/** What the compiler infers of the client, and what it refuses; see `jobs.ts`. */
import { expectTypeOf } from 'vitest'
import { z } from 'zod'
import type {
  Client,
  Commit,
  NestedSteps,
  Overview,
  ParamsOf,
  Run,
  Skip,
  Slice,
  Verification,
} from '../../src/client/index.ts'
import { defineJob } from '../../src/engine/index.ts'
import type { Check, RunView } from '../../src/engine/index.ts'
import type * as Runs from '../../src/engine/runs/index.ts'
import type * as Monitoring from '../../src/monitoring/index.ts'

// What the schemas say is what the engine gives.
expectTypeOf<Run>().toEqualTypeOf<RunView>()
expectTypeOf<Slice>().toEqualTypeOf<Runs.SliceView>()
expectTypeOf<Skip>().toEqualTypeOf<Runs.SkippedItem>()
expectTypeOf<Commit>().toEqualTypeOf<Runs.LedgerCommit>()
expectTypeOf<Overview>().toEqualTypeOf<Monitoring.Overview>()
expectTypeOf<Verification['checks'][number]>().toEqualTypeOf<Check>()

export const settle = defineJob({
  name: 'settle',
  params: z.object({ upTo: z.number(), region: z.string().optional() }),
  perform: async () => undefined,
})

export async function use(client: Client): Promise<void> {
  type Params = ParamsOf<typeof settle>
  expectTypeOf<Params>().toEqualTypeOf<{ upTo: number; region?: string | undefined }>()
  const run = await client.start<Params>('settle', { params: { upTo: 5 } })
  expectTypeOf(run).toEqualTypeOf<Run>()
  // @ts-expect-error -- a param has the type that the job says
  await client.start<Params>('settle', { params: { upTo: 'five' } })
  // @ts-expect-error -- the job has no such param
  await client.start<Params>('settle', { params: { upTo: 5, colour: 'red' } })
  // @ts-expect-error -- options of a start are known
  await client.start('settle', { parms: {} })
  // @ts-expect-error -- statuses are known
  await client.runs({ status: 'sleeping' })
  // @ts-expect-error -- commands are known
  await client.command('r1', 'explode')

  expectTypeOf((await client.checkpoint('r1')).nestedSteps).toEqualTypeOf<NestedSteps | undefined>()
  for await (const news of client.events('r1')) {
    if (news.kind === 'run') expectTypeOf(news.run).toEqualTypeOf<Run>()
    else if (news.kind === 'event' && news.event.type === 'run.changed')
      expectTypeOf(news.event.status).toEqualTypeOf<Run['status']>()
  }
}
