import { env } from 'cloudflare:workers'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { defineIteration, setStatement } from '../../../src/engine/index.ts'
import type { Effects } from '../../../src/engine/index.ts'
import { interceptedDatabase } from '../../../src/testing/intercepted-database.ts'
import { createTables } from '../../support/drive.ts'
import { runOf } from '../../support/run-of.ts'

const exec = (sql: string, ...values: unknown[]) =>
  env.DB.prepare(sql)
    .bind(...values)
    .run()

beforeAll(async () => {
  await createTables()
  await exec('CREATE TABLE parents (id INTEGER PRIMARY KEY)')
  await exec(
    'CREATE TABLE kids (id INTEGER PRIMARY KEY, parent INTEGER NOT NULL REFERENCES parents (id))',
  )
  await exec('CREATE TABLE account (id INTEGER PRIMARY KEY, balance INTEGER)')
  await exec('CREATE TABLE balances (amount INTEGER, balance INTEGER)')
})

beforeEach(async () => {
  for (const table of ['kids', 'parents', 'account', 'balances']) await exec(`DELETE FROM ${table}`)
  await exec('INSERT INTO account VALUES (1, 0)')
})

const addParent = setStatement<{ id: number }>(
  `INSERT INTO parents (id) SELECT value ->> 'id' FROM json_each(?1)`,
)
const addKid = setStatement<{ id: number; parent: number }>(
  `INSERT INTO kids (id, parent) SELECT value ->> 'id', value ->> 'parent' FROM json_each(?1)`,
)
const deposit = setStatement<{ amount: number }>(
  `UPDATE account SET balance = balance + (SELECT sum(value ->> 'amount') FROM json_each(?1)) WHERE id = 1`,
)
const note = setStatement<{ amount: number }>(
  `INSERT INTO balances SELECT value ->> 'amount', account.balance FROM json_each(?1) JOIN account`,
)

function overNumbers(count: number, each: (effects: Effects, id: number) => void, more = {}) {
  return defineIteration({
    name: 'ordered',
    ...more,
    buildEnumerator: ({ cursor, enumerators }) =>
      enumerators.array(
        Array.from({ length: count }, (_, index) => index + 1),
        { cursor },
      ),
    eachIteration: (id, { effects }) => each(effects, id),
  })
}

describe('F03 effects happen in the order in which the job adds them', () => {
  it.each<[string, (effects: Effects, id: number) => void]>([
    [
      'a single statement, then a row',
      (effects, id) => {
        effects.run('INSERT INTO parents (id) VALUES (?)', id)
        effects.add(addKid, { id, parent: id })
      },
    ],
    [
      'rows of two statements',
      (effects, id) => {
        effects.add(addParent, { id })
        effects.add(addKid, { id, parent: id })
      },
    ],
    [
      'a child whose parent the item before has added',
      (effects, id) => {
        if (id > 1) effects.add(addKid, { id, parent: id - 1 })
        effects.add(addParent, { id })
      },
    ],
  ])('a parent before its child: %s', async (_, each) => {
    const run = await runOf(
      overNumbers(20, each, { retry: { totalErrors: 3 }, budget: { items: 8 } }),
    )
    const end = await run.drain()
    expect([end.status, end.error?.message]).toEqual(['completed', undefined])
    expect(run.told('run.errored').map(({ error }) => error.message)).toEqual([])
  })

  it.each<[string, (effects: Effects, amount: number) => void]>([
    [
      'by a single statement',
      (effects, amount) => {
        effects.add(deposit, { amount })
        effects.run('INSERT INTO balances SELECT ?, balance FROM account WHERE id = 1', amount)
      },
    ],
    [
      'by a set statement',
      (effects, amount) => {
        effects.add(deposit, { amount })
        effects.add(note, { amount })
      },
    ],
  ])('a balance is noted after each deposit, whatever the commit: %s', async (_, each) => {
    for (const everyItems of [1, 50]) {
      await exec('DELETE FROM balances')
      await exec('UPDATE account SET balance = 0')
      const run = await runOf(overNumbers(3, each, { commit: { everyItems } }))
      await run.drain()
      const { results } = await env.DB.prepare('SELECT balance FROM balances ORDER BY rowid').all()
      expect(results).toEqual([{ balance: 1 }, { balance: 3 }, { balance: 6 }])
    }
  })

  it('sets stay cheap: 500 items that each add to two tables are four statements', async () => {
    const batches: number[] = []
    const DB = interceptedDatabase(env.DB, ({ kind, sql }, work) => {
      if (kind === 'batch') batches.push(sql.length)
      return work()
    })
    const run = await runOf(
      overNumbers(
        500,
        (effects, id) => {
          effects.add(addParent, { id })
          effects.add(addKid, { id, parent: id })
        },
        { commit: { everyItems: 500, everyMs: 60_000 } },
      ),
    )
    await run.drain({ DB, wallMs: 60_000 })
    // The start and the end without effects, and the one commit between them.
    expect(batches).toEqual([2, 4, 3])
  })
})
