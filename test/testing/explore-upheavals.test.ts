import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { defineJob, type Job, type RunView } from '../../src/engine/index.ts'
import { exploreCrashes } from '../../src/testing/index.ts'
import { createTables, object } from '../support/drive.ts'
import { append, appendSteps } from '../support/jobs.ts'

// An exploration is a hundred runs.
vi.setConfig({ testTimeout: 120_000 })
beforeAll(createTables)

/** What the jobs here remember, and should not. */
const remembered = new Set<number>()

const experiment = {
  given: (): Promise<unknown> => {
    remembered.clear()
    return env.DB.prepare('DELETE FROM appended').run()
  },
  then: async (_run: RunView): Promise<unknown> => {
    const { results } = await env.DB.prepare('SELECT item FROM appended ORDER BY item').all()
    return results.map(({ item }) => item)
  },
}

const four = { params: { items: 4 }, ...experiment }

/** How a schedule of one job changes the outcome. */
async function found(job: Job, replay: string, then = experiment.then): Promise<unknown> {
  return exploreCrashes(job, { ...experiment, then, replay }).then(
    () => 'nothing',
    (error: unknown) => error,
  )
}

const changed = (words: string) => ({ code: 'crash_changed_outcome', schedule: [words] })

describe('what befalls a whole run', () => {
  it.each(['spent', 'storage_lost', 'forgotten', 'put_back'])(
    '%s is tried at many calls, and a sound job comes through',
    async (fault) => {
      const { points } = await exploreCrashes(appendSteps, { ...four, replay: 'claim:1:doubled' })
      const commits = points.filter((point) => point.startsWith('commit')).length
      for (let nth = 1; nth <= commits; nth++) {
        const replay = `commit:${nth}:${fault}${fault === 'put_back' ? ':claim:1' : ''}`
        expect(await exploreCrashes(appendSteps, { ...four, replay })).toMatchObject({
          schedules: 1,
          state: [1, 2, 3, 4],
          unmet: [],
        })
      }
    },
  )
})

describe('an invocation without D1 statements left', () => {
  /** Wrong: takes what D1 refuses for an order that is not there, and remembers that. */
  const swallows = defineJob({
    name: 'swallows',
    perform: ({ step, effects, env: { DB }, run }) =>
      step('append', { start: 1 }, async (step) => {
        for (; step.cursor <= 4; await step.advance()) {
          if (remembered.has(step.cursor)) continue
          const order = await DB.prepare('SELECT 1 FROM dogear_runs WHERE id = ?1')
            .bind(run.id)
            .first()
            .catch(() => remembered.add(step.cursor) && null)
          if (order) append(effects, run.id, step.cursor)
        }
      }),
  })

  it('shows that a job goes on as if nothing was there', async () => {
    expect(await found(swallows, 'read:2:spent')).toMatchObject(
      changed(
        'the invocation has no D1 statements left at D1 read 2 (SELECT 1 FROM dogear_runs WHERE id = ?1): ' +
          'it and all later ones are refused',
      ),
    )
  })
})

describe('an object that loses its storage', () => {
  /** Wrong: its write is no effect, so it happens again when the items since the last commit do. */
  const writesByItself = defineJob({
    name: 'writes-by-itself',
    perform: ({ step, env: { DB }, run }) =>
      step('append', { start: 1 }, async (step) => {
        for (; step.cursor <= 4; await step.advance()) {
          await DB.prepare('INSERT INTO appended (run_id, item) VALUES (?1, ?2)')
            .bind(run.id, step.cursor)
            .run()
        }
      }),
  })

  it.each(['raise:1', 'commit:1'])(
    'while a slice works shows at %s that the slice writes by itself',
    async (call) => {
      expect(await found(writesByItself, `${call}:forgotten`)).toMatchObject(
        changed(
          `the object of the run loses its storage before ${call.replace(':', ' ')}, ` +
            'the sweep finds the run at once, and the slice makes the call after its successor has committed',
        ),
      )
    },
  )

  it('shows what only the object knew', async () => {
    const worked = async ({ id }: RunView) => (await object(id).slices()).length
    expect(await found(appendSteps, 'release:1:storage_lost', worked)).toMatchObject(
      changed(
        'the object of the run loses its storage before release 1, and the sweep finds the run after the slice',
      ),
    )
  })
})

describe('D1 that is put back', () => {
  /** Wrong: what is committed is not committed for ever, and this memory is not D1's. */
  const remembers = defineJob({
    name: 'remembers',
    perform: ({ step, effects, run }) =>
      step('append', { start: 1 }, async (step) => {
        while (step.cursor <= 4) {
          const item = step.cursor
          if (!remembered.has(item)) append(effects, run.id, item)
          await step.advance()
          remembered.add(item)
        }
      }),
  })

  it('shows that a job remembers elsewhere what it has done', async () => {
    const explored = exploreCrashes(remembers, { ...experiment, commit: { everyItems: 1 } })
    await expect(explored).rejects.toMatchObject({
      code: 'crash_changed_outcome',
      schedule: [expect.stringMatching(/^D1 is put back before /)],
      replay: expect.stringMatching(/^\w+:\d:put_back:\w+:\d$/),
    })
  })
})
