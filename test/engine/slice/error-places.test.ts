import { env as worker } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import {
  defineIteration,
  defineJob,
  retryOn,
  setStatement,
  type Job,
} from '../../../src/engine/index.ts'
import { ensureError, serializeError } from '../../../src/engine/errors.ts'
import { KillSwitch } from '../../../src/engine/slice/kill-switch.ts'
import {
  D1Usage,
  meteredDatabase,
  StatementBudget,
} from '../../../src/engine/store/d1/metered-database.ts'
import { FaultyDatabase, testBench } from '../../../src/testing/index.ts'
import { createTables } from '../../support/drive.ts'

beforeAll(createTables)

const bench = testBench()
const walking = (more: object, each: (item: number, effects: never) => void): Job =>
  defineIteration({
    name: 'walking',
    buildEnumerator: ({ cursor, enumerators }) => enumerators.times(9, { cursor }),
    eachIteration: (item, { effects }) => each(item, effects as never),
    ...more,
  })

describe('An item that fails a run', () => {
  it('is named: the step that walks, and its cursor', async () => {
    const job = walking({ retry: { attempts: 1 } }, (item) => {
      if (item === 5) throw new Error('no')
    })
    const run = await bench.runInline(job)
    expect(run).toMatchObject({
      status: 'failed',
      error: { message: 'no', at: { step: 'iteration', cursor: '5' } },
    })
  })

  it('is named also where several are worked on at once', async () => {
    const job = walking({ retry: { attempts: 1 }, concurrency: 3 }, (item) => {
      if (item === 4) throw new Error('no')
    })
    const run = await bench.runInline(job)
    expect(run.error?.at).toEqual({
      step: 'iteration',
      cursor: '4',
      place: 'iteration/4',
    })
  })

  it('is named by the walk that met it, in a step', async () => {
    const job = defineJob({
      name: 'in-a-step',
      retry: { attempts: 1 },
      async perform({ step, enumerators }) {
        await step('fill', async (step) => {
          await step.iterate(
            (at) => enumerators.array(['a', 'b'], at),
            (item) => {
              if (item === 'b') throw new Error('no')
            },
          )
        })
      },
    })
    expect((await bench.runInline(job)).error?.at).toEqual({
      step: 'fill',
      cursor: '1',
      place: 'fill/1',
    })
  })

  it('does not show what is sensitive', async () => {
    const job = defineIteration({
      name: 'secret',
      params: z.object({ key: z.string() }),
      sensitive: ['key'],
      retry: { attempts: 1 },
      buildEnumerator: ({ params, cursor, enumerators }) =>
        enumerators.chain({ [params.key]: (at) => enumerators.array(['a'], at) }, { cursor }),
      eachIteration() {
        throw new Error('no')
      },
    })
    const run = await bench.runInline(job, { key: 'hidden-hidden' })
    expect(run.error?.at?.cursor).toBeDefined()
    expect(JSON.stringify(run)).not.toContain('hidden-hidden')
  })
})

describe('SQL that D1 refuses, whatever its rows', () => {
  const wrong = setStatement<{ item: number }>(
    `UPDATE appended SET itemz = 1 WHERE item IN (SELECT value ->> 'item' FROM json_each(?1))`,
  )
  const adding = (more: object = {}) =>
    defineIteration({
      name: 'adding',
      buildEnumerator: ({ cursor, enumerators }) => enumerators.times(3, { cursor }),
      eachIteration: (item, { effects }) => effects.add(wrong, { item }),
      ...more,
    })

  it('fails the run at once, with the statement of the effect', async () => {
    const run = await bench.runInline(adding())
    expect(run).toMatchObject({
      status: 'failed',
      slices: 1,
      error: {
        message: expect.stringContaining('no such column: itemz'),
        statement: expect.stringContaining('UPDATE appended SET itemz = 1'),
      },
    })
  })

  it('fails it at once in a walk and in a query of its own, too', async () => {
    const walk = defineIteration({
      name: 'walk',
      buildEnumerator: ({ cursor, env, enumerators }) =>
        enumerators.records<{ id: number }>(env.DB, { sql: 'SELECT id FROM nowhere' }, { cursor }),
      eachIteration: () => undefined,
    })
    const query = defineJob({
      name: 'query',
      async perform({ step, env }) {
        await step('ask', () => env.DB.prepare('SELEC 1').first())
      },
    })
    expect(await bench.runInline(walk)).toMatchObject({
      status: 'failed',
      slices: 1,
      error: { statement: expect.stringContaining('FROM nowhere') },
    })
    expect(await bench.runInline(query)).toMatchObject({
      status: 'failed',
      slices: 1,
      error: { statement: 'SELEC 1' },
    })
  })

  it('is named by its table, where a row breaks a constraint of that', async () => {
    await worker.DB.exec('CREATE TABLE prices (sku INTEGER UNIQUE)')
    const INSERT = 'INSERT INTO prices (sku) VALUES (?)'
    const job = defineIteration({
      name: 'prices',
      retry: { attempts: 2 },
      buildEnumerator: ({ cursor, enumerators }) => enumerators.times(3, { cursor }),
      eachIteration(item, { effects }) {
        effects.run('UPDATE appended SET item = 0 WHERE item = ?', item)
        effects.run(INSERT, item === 2 ? 1 : item)
      },
    })
    const run = await bench.runInline(job)
    expect(run.error).toMatchObject({
      message: expect.stringContaining('UNIQUE constraint failed: prices.sku'),
      statement: INSERT,
      at: { cursor: '2' },
    })
  })

  it('is tried again in a walk that it was right for: a migration is under way', async () => {
    await worker.DB.exec('CREATE TABLE moving (item INTEGER)')
    const add = setStatement<{ item: number }>(
      `INSERT INTO moving (item) SELECT value ->> 'item' FROM json_each(?1)`,
    )
    const job = defineIteration({
      name: 'moving',
      buildEnumerator: ({ cursor, enumerators }) => enumerators.times(4, { cursor }),
      eachIteration: (item, { effects }) => effects.add(add, { item }),
    })
    const { id } = await bench.start(job, {}, { interrupt: { afterItems: 2 }, hold: true })
    await bench.drive(id)
    await worker.DB.exec('ALTER TABLE moving RENAME COLUMN item TO position')
    await bench.objects(id).command('resume', {})
    expect(await bench.deliver(id)).toMatchObject({ status: 'queued', attempts: 1 })
    await worker.DB.exec('ALTER TABLE moving RENAME COLUMN position TO item')
    expect(await bench.drive(id)).toMatchObject({ status: 'completed', progress: { done: 4 } })
    await worker.DB.exec('DROP TABLE moving')
  })

  it('names the statement where D1 has refused it, and not where D1 was out of reach', async () => {
    const statementOf = async (db: D1Database): Promise<string | undefined> => {
      const usage = new D1Usage(new StatementBudget(10), new KillSwitch())
      const ask = meteredDatabase(db, usage).prepare('SELECT nothing').first()
      return serializeError(await ask.then(() => new Error('none'), ensureError)).statement
    }
    expect(await statementOf(worker.DB)).toBe('SELECT nothing')
    const lost = new FaultyDatabase(worker.DB, () => 'never_lands')
    expect(await statementOf(lost.binding)).toBeUndefined()
  })

  it('is retried where the job says so', async () => {
    const rule = retryOn((error) => error.message.includes('no such column'), { attempts: 3 })
    expect(await bench.runInline(adding({ errors: [rule] }))).toMatchObject({
      status: 'failed',
      slices: 3,
    })
  })
})
