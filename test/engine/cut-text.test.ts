import { describe, expect, it } from 'vitest'
import { shorten } from '../../src/cli/text/text.ts'
import { cutText, excerpt } from '../../src/engine/cut-text.ts'
import { serializeError } from '../../src/engine/errors.ts'
import { describeValue } from '../../src/engine/thrown.ts'

describe('a text that is cut', () => {
  it.each([
    ['abc', 3, 'abc'],
    ['abcd', 3, 'abc…'],
    ['ab🐢', 4, 'ab🐢'],
    ['ab🐢d', 3, 'ab…'],
    ['ab🐢d', 4, 'ab🐢…'],
    ['🐢', 1, '…'],
    ['', 0, ''],
  ])('never ends in half a character: %j at %i', (text, length, expected) => {
    expect(cutText(text, length, '…')).toBe(expected)
  })

  it('has no halves that were in it before', () => {
    expect(cutText('a\ud83d', 10)).toBe('a\ufffd')
    expect(cutText('\udc22bc', 2)).toBe('\ufffdb')
  })

  it('is on one line where it is an excerpt', () => {
    expect(excerpt('\n  SELECT *\n  FROM orders\n')).toBe('SELECT * FROM orders')
    expect(excerpt('SELECT *\n  FROM orders', 10)).toBe('SELECT * F…')
  })

  it.each([1, 2])(
    'is whole in errors, descriptions and tables, whatever comes before it: %i',
    (at) => {
      const turtles = `${'x'.repeat(at)}${'🐢'.repeat(5_000)}`
      const error = Object.assign(new Error(turtles, { cause: turtles }), { code: turtles })
      error.name = turtles
      error.stack = turtles
      const { name, code, message, stack, cause } = serializeError(error)
      const texts = [name, code, message, stack, cause?.message, describeValue(turtles)]
      for (const text of [...texts, shorten(turtles, 60)]) expect(text?.isWellFormed()).toBe(true)
    },
  )
})
