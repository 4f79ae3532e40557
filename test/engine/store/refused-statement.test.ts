import { describe, expect, it } from 'vitest'
import { refusedStatement } from '../../../src/engine/store/d1/refused-statement.ts'

const OWN = 'UPDATE dogear_runs SET status = ?2 WHERE id = ?1'
const HOSTS = 'INSERT INTO runs (month) VALUES (?1)'

describe('The statement of a batch that D1 has refused', () => {
  it.each([
    ['D1_ERROR: no such table: runs: SQLITE_ERROR', HOSTS],
    ['D1_ERROR: no such table: main.runs: SQLITE_ERROR', HOSTS],
    ['D1_ERROR: UNIQUE constraint failed: runs.month: SQLITE_CONSTRAINT', HOSTS],
    ['D1_ERROR: NOT NULL constraint failed: dogear_runs.status: SQLITE_CONSTRAINT', OWN],
    ['D1_ERROR: table runs has no column named month: SQLITE_ERROR', HOSTS],
  ])('is that with the whole name: %s', (message, statement) => {
    expect(refusedStatement(new Error(message), [OWN, HOSTS])).toBe(statement)
  })

  it('is not guessed: a trigger may have written a table that no statement names', () => {
    const error = new Error('UNIQUE constraint failed: run.id')
    expect(refusedStatement(error, [OWN, HOSTS])).toBeUndefined()
  })
})
