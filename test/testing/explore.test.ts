import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { check, defineJob, type Job } from '../../src/engine/index.ts'
import { CrashError, exploreCrashes, runUnderFaults } from '../../src/testing/index.ts'
import { append, appendIteration, appendSteps, appendThenFollow } from '../support/jobs.ts'
import { createTables } from '../support/drive.ts'

// An exploration is a hundred runs.
vi.setConfig({ testTimeout: 120_000 })
beforeAll(createTables)

const emptied = (): Promise<unknown> => env.DB.prepare('DELETE FROM appended').run()

const experiment = {
  given: emptied,
  then: async () => {
    const { results } = await env.DB.prepare('SELECT item FROM appended ORDER BY item').all()
    return results.map(({ item }) => item)
  },
}

const appendByItself = (db: D1Database, run: string, item: number) =>
  db.prepare('INSERT INTO appended (run_id, item) VALUES (?1, ?2)').bind(run, item).run()

/** Wrong: its write is no effect, so it happens again when the items since the last commit do. */
const writesByItself = defineJob({
  name: 'writes-by-itself',
  perform: ({ step, env: { DB }, run }) =>
    step('append', { start: 1 }, async (step) => {
      while (step.cursor <= 4) {
        await appendByItself(DB, run.id, step.cursor)
        await step.advance()
      }
    }),
})

/** As wrong, and claims that it is not: its verify counts what it has written. */
const claiming = (last: number, claimed = last) =>
  defineJob({
    name: 'claims-too-much',
    perform: ({ step, env: { DB }, run }) =>
      step('append', { start: 1 }, async (step) => {
        while (step.cursor <= last) {
          await appendByItself(DB, run.id, step.cursor)
          await step.advance()
        }
      }),
    async verify({ env: { DB }, run }) {
      const rows = DB.prepare('SELECT count(*) AS rows FROM appended WHERE run_id = ?').bind(run.id)
      return [check('Each item is there once', claimed, await rows.first('rows'))]
    },
  })

async function crashOf(found: Promise<unknown>): Promise<CrashError> {
  const error: unknown = await found.then(
    () => new Error('nothing was found'),
    (thrown: unknown) => thrown,
  )
  if (error instanceof CrashError) return error
  throw error
}

describe('exploreCrashes', () => {
  it.each([
    ['in steps', appendSteps, [1, 2, 3, 4]],
    ['as an iteration', appendIteration, [0, 1, 2, 3, 4]],
  ])(
    'B01 B02 B16 finds nothing wrong with a job %s, wherever it is killed',
    async (_style, job, expected) => {
      const explored = await exploreCrashes(job, {
        params: { items: 4 },
        ...experiment,
        pairs: 3,
      })
      expect(explored.state).toEqual(expected)
      expect(explored.points.slice(0, 2)).toEqual(['claim 1', 'raise 1'])
      expect(explored.points.slice(-2)).toEqual(['close 1', 'release 1'])
      expect(explored.points.filter((point) => point.startsWith('commit')).length).toBeGreaterThan(
        2,
      )
      expect(explored.schedules).toBeGreaterThan(4 * explored.points.length)
      expect(explored.pairs).toBe(3)
      expect(explored.unmet.filter((replay) => !replay.includes('+'))).toEqual([])
    },
  )

  it('drives follow-up runs to their ends, and compares them too', async () => {
    const explored = await exploreCrashes(appendThenFollow, {
      ...experiment,
      jobs: [appendSteps],
      maxSchedules: 25,
    })
    expect(explored.state).toEqual([1, 1, 1, 2, 2, 3])
    expect(explored.points).toContain('child creation 2')
  })

  it('names the smallest schedule that doubles a write outside the effects', async () => {
    const crash = await crashOf(exploreCrashes(writesByItself, experiment))
    expect(crash.code).toBe('crash_changed_outcome')
    expect(crash.schedule).toEqual([
      'the process is killed after D1 write outside the effects 1 ' +
        '(INSERT INTO appended (run_id, item) VALUES (?1, ?2)) has landed, before its answer',
    ])
    expect(crash.message).toContain("replay: 'write:1:dies_after'")
    expect(crash.message).toContain('the final state that `then` read')
  })

  it('replays a schedule, and only that', async () => {
    const replay = 'write:1:dies_after'
    const crash = await crashOf(exploreCrashes(writesByItself, { ...experiment, replay }))
    expect(crash.replay).toBe(replay)
    const explored = await exploreCrashes(writesByItself, {
      ...experiment,
      replay: 'write:1:dies_before',
    })
    expect(explored).toMatchObject({ schedules: 1, state: [1, 2, 3, 4] })
  })

  it.each(['', 'commit', 'commit:0:late', 'lunch:1:late', 'commit:1:eaten'])(
    'refuses to replay %o',
    async (replay) => {
      await expect(exploreCrashes(appendSteps, { ...experiment, replay })).rejects.toMatchObject({
        code: 'invalid_replay',
      })
    },
  )

  it('makes several faults as few as can be', async () => {
    for (let seed = 1; seed <= 20; seed++) {
      const options = { ...experiment, seed, faults: 5 }
      const crash = await crashOf(runUnderFaults(writesByItself, options)).catch(() => undefined)
      if (!crash) continue
      expect(crash.schedule).toHaveLength(1)
      return
    }
    expect.unreachable('20 seeds of up to 5 faults each found nothing')
  })

  it('tries only as many schedules as it may', async () => {
    const small = { params: { items: 1 }, ...experiment, maxSchedules: 6, pairs: true }
    expect(await exploreCrashes(appendSteps, small)).toMatchObject({ schedules: 6, pairs: 0 })
  })

  it('prepares and cleans up the data of each try, and leaves no run behind', async () => {
    const log: string[] = []
    const { schedules } = await exploreCrashes(appendSteps, {
      params: { items: 1 },
      given: () => {
        log.push('given')
        return async () => {
          log.push('cleaned')
          await emptied()
        }
      },
      then: ({ status }) => log.push(status) && status,
      maxSchedules: 3,
    })
    expect(schedules).toBe(3)
    const tries = Array.from({ length: 4 }, () => ['given', 'completed', 'cleaned'])
    expect(log).toEqual(tries.flat())
    for (const table of ['dogear_runs', 'dogear_lanes', 'dogear_ledger', 'dogear_step_results']) {
      expect(await env.DB.prepare(`SELECT count(*) AS n FROM ${table}`).first('n')).toBe(0)
    }
  })

  it('asks the job itself: its verify finds what `then` does not look at', async () => {
    const crash = await crashOf(exploreCrashes(claiming(4), { ...experiment, then: () => null }))
    expect(crash.replay).toBe('write:1:dies_after')
    expect(crash.message).toContain('Each item is there once: found 5, expected 4')
  })

  it('asks the jobs that follow, too', async () => {
    const follower = claiming(2)
    const parent = defineJob({
      name: 'begins',
      perform: () => Promise.resolve(),
      continuations: ({ enqueue }) => enqueue(follower, {}),
    })
    const explored = (jobs: Job[]) =>
      exploreCrashes(parent, { ...experiment, jobs, maxSchedules: 1 })
    expect(await explored([follower])).toMatchObject({ state: [1, 2] })
    await expect(explored([claiming(2, 3)])).rejects.toMatchObject({
      code: 'undisturbed_run_failed',
      message: expect.stringContaining('Each item is there once: found 2, expected 3'),
    })
  })

  it('is an error for a job that does not pass its own verify undisturbed', async () => {
    await expect(exploreCrashes(claiming(2, 3), experiment)).rejects.toMatchObject({
      code: 'undisturbed_run_failed',
      message: expect.stringContaining('Each item is there once: found 2, expected 3'),
    })
  })

  it('is an error for a job that does not even complete undisturbed', async () => {
    const failing = defineJob({
      name: 'failing',
      perform: ({ step }) =>
        step('x', () => {
          throw new Error('always')
        }),
    })
    await expect(exploreCrashes(failing, experiment)).rejects.toMatchObject({
      code: 'undisturbed_run_failed',
      message: expect.stringContaining('always'),
    })
  })

  it('blames no crash when the data are not prepared again for each try', async () => {
    await emptied()
    const { then } = experiment
    await expect(exploreCrashes(appendSteps, { then })).rejects.toMatchObject({
      code: 'not_repeatable',
      message: expect.stringContaining('given'),
    })
  })

  it('lets `then` assert', async () => {
    const crash = await crashOf(
      exploreCrashes(appendSteps, {
        given: emptied,
        then: ({ slices }) => {
          expect(slices).toBeLessThan(2)
        },
      }),
    )
    expect(crash.message).toContain('expected 2 to be less than 2')
  })
})

describe('runUnderFaults', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])(
    'a sound job comes through the faults of seed %i',
    async (seed) => {
      const { schedule, state } = await runUnderFaults(appendSteps, {
        params: { items: 4 },
        ...experiment,
        seed,
      })
      expect(schedule.length).toBeGreaterThan(0)
      expect(state).toEqual([1, 2, 3, 4])
    },
  )

  it('does the same for the same seed, and something else for another', async () => {
    const of = async (seed: number): Promise<string[]> => {
      const options = { params: { items: 2 }, ...experiment, seed, faults: 3 }
      return (await runUnderFaults(appendSteps, options)).schedule
    }
    const first = await of(11)
    expect(await of(11)).toEqual(first)
    expect(await of(12)).not.toEqual(first)
  })
})

it('effects of a killed slice are not lost with it: one item per commit', async () => {
  const everyItem = defineJob({
    name: 'every-item',
    commit: { everyItems: 50 },
    perform: ({ step, effects, run }) =>
      step('append', { start: 1 }, async (step) => {
        for (; step.cursor <= 3; await step.advance()) append(effects, run.id, step.cursor)
      }),
  })
  const { points } = await exploreCrashes(everyItem, {
    ...experiment,
    commit: { everyItems: 1 },
    maxSchedules: 10,
  })
  // Three items, the step's end, and the end.
  expect(points.filter((point) => point.startsWith('commit'))).toHaveLength(4)
})
