import { describe, expect, it } from 'vitest'
import { type Entry, entriesFor } from '../../src/dashboard/keys/entries.ts'
import { lettersOf } from '../../src/dashboard/keys/letters.ts'
import { KeySequence, type Shortcut } from '../../src/dashboard/keys/shortcuts.ts'

const shortcut = (keys: string): Shortcut => ({ keys, words: keys, do: () => undefined })
const SHORTCUTS = ['j', 'r', 'g r', 'g o'].map(shortcut)

/** The shortcuts that keys make, each pressed so many milliseconds after the one before. */
function made(...pressed: [key: string, afterMs: number][]): (string | undefined)[] {
  const sequence = new KeySequence()
  let at = 0
  return pressed.map(([key, afterMs]) => {
    at += afterMs
    return sequence.press(key, at, SHORTCUTS)?.keys
  })
}

describe('Keys', () => {
  it('make a shortcut alone, or two of them one after the other', () => {
    expect(made(['j', 0], ['g', 10], ['r', 100])).toEqual(['j', undefined, 'g r'])
  })

  it('are two by themselves when the second comes late', () => {
    expect(made(['g', 0], ['r', 1_600])).toEqual([undefined, 'r'])
  })

  it('mean nothing when no shortcut has them, and spoil none after them', () => {
    expect(made(['g', 0], ['z', 10], ['j', 10])).toEqual([undefined, undefined, 'j'])
    expect(made(['g', 0], ['j', 10], ['r', 10])).toEqual([undefined, 'j', 'r'])
    expect(made(['g', 0], ['g', 10], ['o', 10])).toEqual([undefined, undefined, 'g o'])
  })
})

describe('The letters of views', () => {
  it('are the first of each name that is free', () => {
    const views = ['Overview', 'Runs', 'Start a run', 'Alerts', 'Audit', 'Shop', '3 s'].map(
      (words) => ({ words, path: words }),
    )
    expect(lettersOf(views).map(([letter, { words }]) => `${letter} ${words}`)).toEqual([
      'o Overview',
      'r Runs',
      's Start a run',
      'a Alerts',
      'u Audit',
      'h Shop',
    ])
  })
})

describe('What can be done', () => {
  const entry = (words: string, hint = 'job'): Entry => ({ words, hint, do: () => undefined })
  const entries = [entry('Runs of import-orders'), entry('Import a file', 'view'), entry('Start')]
  const found = (typed: string) => entriesFor(typed, entries).map(({ words }) => words)

  it('is found by parts of its words in any order and case, what begins with them first', () => {
    expect(found('IMPORT')).toEqual(['Import a file', 'Runs of import-orders'])
    expect(found('orders runs')).toEqual(['Runs of import-orders'])
    expect(found('view')).toEqual(['Import a file'])
    expect(found('nothing')).toEqual([])
    expect(found(' ')).toHaveLength(3)
  })
})
