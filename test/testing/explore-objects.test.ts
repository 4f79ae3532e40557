import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import type { RunView } from '../../src/engine/index.ts'
import { exploreCrashes } from '../../src/testing/index.ts'
import { createTables } from '../support/drive.ts'
import { appendSteps, appendThenFollow } from '../support/jobs.ts'

// An exploration is a hundred runs.
vi.setConfig({ testTimeout: 120_000 })
beforeAll(createTables)

const emptied = (): Promise<unknown> => env.DB.prepare('DELETE FROM appended').run()

async function column(sql: string, ...values: unknown[]): Promise<unknown[]> {
  const rows = await env.DB.prepare(sql)
    .bind(...values)
    .raw<[unknown]>()
  return rows.map(([value]) => value)
}

const experiment = {
  params: { items: 2 },
  given: emptied,
  then: (_run: RunView): Promise<unknown> => column('SELECT item FROM appended ORDER BY item'),
}

/** Tries one schedule, which changes the outcome that `then` reads. */
async function crash(replay: string, then: (run: RunView) => unknown): Promise<unknown> {
  return exploreCrashes(appendSteps, { ...experiment, then, replay }).then(
    () => 'nothing',
    (error: unknown) => error,
  )
}

describe('what objects do by themselves', () => {
  it('is named beside the calls of slices', async () => {
    const { points, objectPoints } = await exploreCrashes(appendThenFollow, {
      given: emptied,
      then: experiment.then,
      jobs: [appendSteps],
      replay: 'insert:2:lost_answer',
    })
    expect(points).toContain('child creation 2')
    expect(points).not.toContain('message 1')
    // The run, and the two that follow it.
    expect(objectPoints).toEqual(
      expect.arrayContaining([
        "the object's insert 1",
        'message 1',
        "the object's index write 1",
        "the object's insert 3",
      ]),
    )
  })

  it.each(
    ['insert:1', 'index:1', 'index:2'].flatMap((call) =>
      ['never_lands', 'lost_answer', 'late'].map((fault) => `${call}:${fault}`),
    ),
  )('comes through %s', async (replay) => {
    const explored = await exploreCrashes(appendSteps, { ...experiment, replay })
    expect(explored).toMatchObject({ schedules: 1, unmet: [], state: [1, 2] })
  })

  it.each(['send:1:never_lands', 'send:1:lost_answer'])('comes through %s', async (replay) => {
    const explored = await exploreCrashes(appendSteps, { ...experiment, replay })
    expect(explored).toMatchObject({ schedules: 1, unmet: [], state: [1, 2] })
  })

  it.each(['insert:1:zombie', 'send:1:late', 'index:1:put_back:claim:1', 'commit:1:put_back'])(
    'refuses to replay %s',
    async (replay) => {
      await expect(exploreCrashes(appendSteps, { ...experiment, replay })).rejects.toMatchObject({
        code: 'invalid_replay',
      })
    },
  )
})

describe('a message', () => {
  it('that is refused shows who relies on an early start', async () => {
    const begunAtOnce = ({ createdAt, startedAt }: RunView) => startedAt === createdAt
    expect(await crash('send:1:never_lands', begunAtOnce)).toMatchObject({
      schedule: ['message 1 is lost on its way (network error)'],
    })
  })
})

describe('an index write', () => {
  beforeAll(() =>
    env.DB.prepare(
      `CREATE TRIGGER count_shown AFTER UPDATE OF driving ON dogear_runs BEGIN
         INSERT INTO appended (run_id, item) VALUES (new.id, 100);
       END`,
    ).run(),
  )

  it('that is lost shows who counts what lists show', async () => {
    const crashed = await crash('index:1:never_lands', experiment.then)
    expect(crashed).toMatchObject({
      replay: 'index:1:never_lands',
      schedule: ["the object's index write 1 is lost on its way (network error)"],
    })
  })
})

describe('an insert', () => {
  // This file has a database of its own: here a run may be there twice.
  beforeAll(async () => {
    const schema = await env.DB.prepare(
      `SELECT sql FROM sqlite_master WHERE name = 'dogear_runs'`,
    ).first<string>('sql')
    const unguarded = schema
      ?.replace('id TEXT PRIMARY KEY', 'id TEXT NOT NULL')
      .replace(/WITHOUT ROWID$/, '')
    await env.DB.batch([env.DB.prepare('DROP TABLE dogear_runs'), env.DB.prepare(unguarded ?? '')])
  })

  it('whose answer is lost shows that a run can be there twice', async () => {
    const rows = ({ id }: RunView) => column('SELECT id FROM dogear_runs WHERE id = ?', id)
    const explored = exploreCrashes(appendSteps, { ...experiment, then: rows })
    await expect(explored).rejects.toMatchObject({
      replay: 'insert:1:lost_answer',
      schedule: ["the object's insert 1 lands, and its answer is lost (network error)"],
    })
  })
})
