import { env } from 'cloudflare:workers'
import { beforeAll, expect, it } from 'vitest'
import { z } from 'zod'
import { defineIteration, type RunView } from '../../src/engine/index.ts'
import { exploreCrashes } from '../../src/testing/index.ts'
import { createTables, upTo } from '../support/drive.ts'
import { HOSTILE_JOBS, hostileJobs, THROWN } from '../support/hostile-jobs.ts'
import { append } from '../support/jobs.ts'
import { TIMES } from '../support/times.ts'

/** An exploration is hundreds of runs. */
const PATIENT = { timeout: 240_000 * TIMES }

beforeAll(createTables)

const experiment = {
  given: () => env.DB.prepare('DELETE FROM appended').run(),
  then: async ({ result, progress }: RunView) => ({
    result,
    progress,
    appended: (await env.DB.prepare('SELECT item FROM appended ORDER BY item').all()).results.map(
      ({ item }) => item,
    ),
  }),
}

/** Each item is three branches at once; the second one throws at every other item, whatever there is to throw. */
const throwing = defineIteration({
  name: 'throwing-branches',
  params: z.strictObject({ items: z.number() }),
  skip: { attempts: 2 },
  retry: { attempts: 9 },
  buildEnumerator: ({ params: { items }, cursor, enumerators }) =>
    enumerators.array(upTo(items), { cursor }),
  async eachIteration(item, { effects, run }) {
    await Promise.all([
      (async () => {
        await scheduler.wait(0)
        append(effects, run.id, item)
      })(),
      (async () => {
        await Promise.resolve()
        // eslint-disable-next-line no-throw-literal, typescript/only-throw-error -- user code may
        if (item % 2 === 0) throw THROWN[(item / 2) % THROWN.length]?.()
      })(),
      Promise.resolve(append(effects, run.id, 1_000 + item)),
    ])
  },
})

it(
  'B01 B16 an item whose branch throws is passed over once, whatever dies and whenever',
  PATIENT,
  async () => {
    const { state, unmet } = await exploreCrashes(throwing, {
      ...experiment,
      params: { items: 5 },
      maxSchedules: 48 * TIMES,
    })
    expect(state).toMatchObject({
      progress: { done: 3, skipped: 2 },
      appended: [1, 3, 5, 1_001, 1_003, 1_005],
    })
    expect(unmet).toEqual([])
  },
)

it.each(Object.entries(HOSTILE_JOBS))(
  'B01 B16 a job %s does all of it once, and so do those that follow it',
  PATIENT,
  async (_style, { job, effects, result, follows }) => {
    const { state } = await exploreCrashes(job, {
      ...experiment,
      params: { items: 2 },
      jobs: hostileJobs,
      maxSchedules: 32 * TIMES,
      seed: 3,
    })
    const children = follows ? [1, 1, 2, 2, 3] : []
    expect(state).toMatchObject({
      result: result([1, 2]),
      appended: [...effects([1, 2]), ...children].toSorted((a, b) => a - b),
    })
  },
)
