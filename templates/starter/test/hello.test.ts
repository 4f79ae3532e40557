import { env } from 'cloudflare:workers'
import { applyDogear, iterateExactly, testBench } from 'dogear/testing'
import { beforeAll, expect, it } from 'vitest'
import { hello, jobs } from '../src/jobs'

const bench = testBench({ env: jobs.bind(env) })

beforeAll(() => applyDogear(env.DB))

it('goes on where it was interrupted', async () => {
  const run = await bench.start(hello)
  await iterateExactly(run, 400, bench)
  expect(await bench.drive(run)).toMatchObject({
    status: 'completed',
    progress: { done: 1_000 },
    resumptions: 1,
  })
}, 30_000)
