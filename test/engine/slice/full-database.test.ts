import { env } from 'cloudflare:workers'
import { beforeAll, expect, it } from 'vitest'
import { defineIteration } from '../../../src/engine/index.ts'
import { interceptedDatabase } from '../../../src/testing/intercepted-database.ts'
import { createTables, passTime, truth } from '../../support/drive.ts'
import { append } from '../../support/jobs.ts'
import { runOf } from '../../support/run-of.ts'

beforeAll(createTables)

const FULL = 'D1_ERROR: Exceeded maximum DB size: SQLITE_FULL'

const four = defineIteration({
  name: 'four-items',
  commit: { everyItems: 1 },
  buildEnumerator: ({ cursor, enumerators }) => enumerators.array([1, 2, 3, 4], { cursor }),
  eachIteration: (item, { effects, run }) => append(effects, run.id, item),
})

it('H04 a run waits while the database is full, asks for attention, and goes on once there is room', async () => {
  const run = await runOf(four)
  let room = 2
  // A row can still be changed, none added: what a database at its limit answers.
  const DB = interceptedDatabase(env.DB, async ({ sql }, work) => {
    if (!sql.some((text) => /INSERT INTO appended/.test(text))) return work()
    if (room === 0) throw new Error(FULL)
    room -= 1
    return work()
  })
  for (let tenMinutes = 0; tenMinutes < 16; tenMinutes++) {
    expect(await run.slice({ DB })).toMatchObject({
      status: 'interrupted',
      reason: 'throttle',
      attempts: 0,
      progress: { done: 2 },
    })
    await passTime(run.id, 600_000)
  }
  expect((await run.view()).attention).toContain(FULL)
  expect(await run.appended()).toEqual([1, 2])

  room = Number.POSITIVE_INFINITY
  const end = await run.drain({ DB })
  expect(end).toMatchObject({ status: 'completed', progress: { done: 4 } })
  expect(end).not.toHaveProperty('attention')
  expect(await run.appended()).toEqual([1, 2, 3, 4])
  expect(await truth(run.id)).toMatchObject({ status: 'completed', commits: 6 })
})
