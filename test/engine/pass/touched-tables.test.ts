import { describe, expect, it } from 'vitest'
import { setStatement } from '../../../src/engine/job/effects.ts'
import { areIndependent, touchedTables } from '../../../src/engine/pass/touched-tables.ts'

const named = (sql: string) => {
  const tables = touchedTables(sql)
  return tables && { reads: [...tables.reads].sort(), writes: [...tables.writes].sort() }
}

describe('the tables that SQL names', () => {
  it.each([
    ['INSERT INTO t (a) SELECT value FROM json_each(?1)', [], ['t']],
    ['INSERT OR IGNORE INTO t SELECT value FROM json_each(?1) AS r', [], ['t']],
    ['REPLACE INTO "My Table" SELECT 1 FROM json_each(?1)', [], ['my table']],
    ['UPDATE OR ROLLBACK t SET a = b.x FROM json_each(?1) AS r, b WHERE 1', ['b'], ['t']],
    [
      'UPDATE main.t SET a = (SELECT max(x) FROM [b] JOIN `c` ON b.i = c.i, d)',
      ['b', 'c', 'd'],
      ['t'],
    ],
    [
      'DELETE FROM t WHERE id IN (SELECT value FROM json_each(?1)) AND x IN other',
      ['other'],
      ['t'],
    ],
    [
      'INSERT INTO t SELECT 1 FROM (a CROSS JOIN b), json_tree(?1) WHERE true ON CONFLICT DO UPDATE SET x = 1',
      ['a', 'b'],
      ['t'],
    ],
    [
      `WITH m AS (SELECT key, value FROM json_each(?1)) -- FROM nowhere
       INSERT INTO t SELECT * FROM m /* , nothing */ LEFT JOIN k ON k.x = 'FROM text, too'`,
      ['k', 'm'],
      ['t'],
    ],
    [`SELECT f(a, b), c FROM (SELECT x, y FROM u), v, (SELECT 1) ORDER BY a, b`, ['u', 'v'], []],
    [
      `INSERT INTO 't' SELECT x FROM a JOIN b ON f(a.x, b.x) = 1, c GROUP BY d, e`,
      ['a', 'b', 'c'],
      ['t'],
    ],
    ['INSERT INTO Straße SELECT value FROM json_each(?1)', [], ['straße']],
  ])('%s', (sql, reads, writes) => {
    expect(named(sql)).toEqual({ reads, writes })
  })

  it.each(['CREATE TABLE t (a)', 'PRAGMA x', '', '(SELECT 1)'])('are not known of %j', (sql) => {
    expect(named(sql)).toBeUndefined()
  })

  it('tell whether two set statements may change places', () => {
    const set = (sql: string) => setStatement(`${sql} FROM json_each(?1)`)
    const [insertA, insertB] = [
      set('INSERT INTO a SELECT value'),
      set('INSERT INTO b SELECT value'),
    ]
    const bFromC = set('INSERT INTO b SELECT (SELECT x FROM c)')
    const aFromC = set('INSERT INTO a SELECT (SELECT x FROM c)')
    const bFromA = set('INSERT INTO b SELECT (SELECT x FROM a)')
    expect(areIndependent(insertA, insertB)).toBe(true)
    // Both only read c.
    expect(areIndependent(aFromC, bFromC)).toBe(true)
    expect(areIndependent(insertA, bFromA)).toBe(false)
    expect(areIndependent(bFromA, insertA)).toBe(false)
    expect(areIndependent(insertB, bFromC)).toBe(false)
    const unknown = setStatement('EXPLAIN SELECT value FROM json_each(?1)')
    expect(areIndependent(unknown, insertA)).toBe(false)
  })
})
