import { env } from 'cloudflare:workers'
import { beforeAll, expect, it } from 'vitest'
import { D1Copies } from '../../src/testing/d1-copies.ts'

const { DB } = env

beforeAll(() =>
  DB.batch(
    [
      'CREATE TABLE "odd ""name" (id INTEGER PRIMARY KEY AUTOINCREMENT, "odd ""column" ANY, twice INTEGER AS (id * 2)) STRICT',
      'CREATE TABLE parts (whole INTEGER NOT NULL REFERENCES "odd ""name" (id) ON DELETE RESTRICT, part BLOB)',
      `CREATE TRIGGER count_parts AFTER INSERT ON parts BEGIN
         INSERT INTO "odd ""name" ("odd ""column") VALUES ('by the trigger');
       END`,
    ].map((sql) => DB.prepare(sql)),
  ),
)

async function everything(): Promise<unknown> {
  const answers = await DB.batch([
    DB.prepare('SELECT *, typeof("odd ""column") AS type FROM "odd ""name"'),
    DB.prepare('SELECT whole, hex(part) AS part, typeof(part) AS type FROM parts'),
    DB.prepare('SELECT * FROM sqlite_sequence ORDER BY name'),
    DB.prepare('SELECT type, name, sql FROM sqlite_master ORDER BY name'),
  ])
  return answers.map(({ results }) => results)
}

it('puts all tables back as they were, with their types, counters and triggers', async () => {
  const copies = new D1Copies(DB)
  const insert = DB.prepare('INSERT INTO "odd ""name" ("odd ""column") VALUES (?)')
  await DB.batch([
    insert.bind('1'),
    insert.bind(1.5),
    DB.prepare(`INSERT INTO "odd ""name" ("odd ""column") VALUES (9007199254740993), (x'00ff')`),
    DB.prepare(`INSERT INTO parts VALUES (1, x'00ff'), (2, NULL)`),
  ])
  const first = await everything()
  await copies.take('first')
  await DB.batch([
    DB.prepare(`INSERT INTO parts VALUES (3, x'01')`),
    DB.prepare(`UPDATE "odd ""name" SET "odd ""column" = 'changed' WHERE id < 3`),
  ])
  await copies.take('second')
  await DB.batch([
    DB.prepare('DELETE FROM parts'),
    DB.prepare('DELETE FROM "odd ""name" WHERE id <> 2'),
  ])
  expect(copies.has('first')).toBe(true)
  await copies.putBack('first')
  await copies.putBack('second')
  await copies.putBack('first')
  await copies.drop()
  expect(await everything()).toEqual(first)
  expect(copies.has('first')).toBe(false)
})
