import { describe, expect, it } from 'vitest'
import { MAX_COMMIT_STATEMENTS, PendingEffects } from '../../../src/engine/pass/pending-effects.ts'
import { setStatement } from '../../../src/engine/job/effects.ts'

const into = (table: string, from = '') =>
  setStatement<number>(`INSERT INTO ${table} SELECT value FROM json_each(?1)${from}`)
const [a, b, c] = [into('a'), into('b'), into('c')]
const bOfA = into('b', ' JOIN a ON a.id = value')

/** What a commit would run, in short: the table and its rows. */
function taken(pending: PendingEffects): string[] {
  return pending.take().map(({ sql, params }) => {
    const table = /INTO (\w+)/.exec(sql)?.[1]
    return `${table ?? sql} ${params.map(String).join(' ')}`.trim()
  })
}

describe('F03 the order of effects', () => {
  it('500 items that each add to two tables cost two statements', () => {
    const pending = new PendingEffects()
    for (let item = 0; item < 500; item++) {
      pending.add(a, item)
      pending.add(b, item)
      pending.mark()
    }
    expect(pending.statements).toBe(2)
    expect(pending.take()).toHaveLength(2)
  })

  it('so do 500 rows of two tables that one item adds in turn', () => {
    const pending = new PendingEffects()
    for (let row = 0; row < 500; row++) {
      pending.add(a, row)
      pending.add(b, row)
    }
    expect(pending.take()).toHaveLength(2)
  })

  it('a row passes no single statement', () => {
    const pending = new PendingEffects()
    for (const item of [1, 2]) {
      pending.run('UPDATE z', [])
      pending.add(a, item)
      pending.mark()
    }
    expect(taken(pending)).toEqual(['UPDATE z', 'a [1]', 'UPDATE z', 'a [2]'])
  })

  it('a row passes no statement that names its table, unless both only read it', () => {
    const pending = new PendingEffects()
    for (const item of [1, 2]) {
      pending.add(a, item)
      pending.add(bOfA, item)
      pending.add(c, item)
      pending.mark()
    }
    expect(taken(pending)).toEqual(['a [1]', 'b [1]', 'c [1]', 'a [2]', 'b [2]', 'c [2]'])
    const reader = into('d', ' JOIN z ON z.id = value')
    const other = into('e', ' JOIN z ON z.id = value')
    for (const item of [1, 2]) {
      pending.add(reader, item)
      pending.add(other, item)
      pending.mark()
    }
    expect(taken(pending)).toEqual(['d [1,2]', 'e [1,2]'])
  })

  it('a row passes nothing that its own item has added before it', () => {
    const pending = new PendingEffects()
    pending.add(b, 1)
    pending.mark()
    for (const item of [2, 3]) {
      pending.add(a, item)
      pending.add(b, item)
      pending.mark()
    }
    expect(taken(pending)).toEqual(['b [1]', 'a [2,3]', 'b [2,3]'])
  })

  it('kept to the last row, nothing passes anything', () => {
    const pending = new PendingEffects({ inOrder: true })
    for (const item of [1, 2]) {
      pending.add(a, item)
      pending.add(b, item)
      pending.mark()
    }
    pending.add(b, 3)
    expect(pending.reordered).toBe(false)
    expect(taken(pending)).toEqual(['a [1]', 'b [1]', 'a [2]', 'b [2,3]'])
  })

  it('is that of the items which are done, when others are taken back', () => {
    const pending = new PendingEffects()
    pending.add(a, 1)
    pending.add(bOfA, 1)
    pending.mark()
    // Begins a second group of `a`, and goes.
    pending.add(a, 8)
    pending.add(bOfA, 8)
    pending.rollback()
    pending.add(bOfA, 2)
    pending.add(a, 2)
    pending.mark()
    expect(pending.statements).toBe(3)
    expect(taken(pending)).toEqual(['a [1]', 'b [1,2]', 'a [2]'])
  })

  it('more statements than an invocation can send are refused where they are added', () => {
    const pending = new PendingEffects()
    const tooMany = expect.objectContaining({ code: 'too_many_statements' })
    for (let count = 0; count < MAX_COMMIT_STATEMENTS; count++) pending.run('UPDATE z', [])
    expect(() => pending.run('UPDATE z', [])).toThrow(tooMany)
    expect(() => pending.add(a, 1)).toThrow(tooMany)
    expect(pending.take()).toHaveLength(MAX_COMMIT_STATEMENTS)
  })
})
