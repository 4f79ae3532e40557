import { describe, expect, it } from 'vitest'
import { hasTooManyWords, wordsOf } from '../../src/search/words.ts'

describe('What somebody has typed', () => {
  it('is taken word by word, each once', () => {
    expect(wordsOf('  import  Acme import ').map(({ text }) => text)).toEqual(['import', 'acme'])
    expect(wordsOf(' \t\n')).toEqual([])
  })

  it('leaves out what is too short to be looked for, where there are longer words', () => {
    expect(wordsOf('There is no segment al').map(({ text }) => text)).toEqual(['there', 'segment'])
    expect(wordsOf('im').map(({ text }) => text)).toEqual(['im'])
  })

  it.each([
    ['customer:42', { name: 'customer', value: '42' }],
    ['Customer=Acme', { name: 'customer', value: 'Acme' }],
    ['url=http://a:1', { name: 'url', value: 'http://a:1' }],
  ])('may be a label: %s', (typed, label) => {
    expect(wordsOf(typed)).toMatchObject([{ label }])
  })

  it.each(['customer:', ':42', '=', 'customer'])('is no label: %s', (typed) => {
    expect(wordsOf(typed)[0]).not.toHaveProperty('label')
  })

  it.each([
    ['3f9c12', true],
    ['3F9C12AB', true],
    ['f'.repeat(32), true],
    ['3f9c1', false],
    ['3f9c1g', false],
    ['f'.repeat(33), false],
  ])('may be the beginning of an id from six digits on: %s', (typed, is) => {
    expect('idStart' in (wordsOf(typed)[0] ?? {})).toBe(is)
  })

  it('is looked for as SQLite has written it, whose lower case knows ASCII alone', () => {
    expect(wordsOf('Müller')[0]?.spellings).toEqual(['müller', 'mÜller'])
    expect(wordsOf('MÜLLER')[0]?.spellings).toEqual(['mÜller', 'müller'])
    expect(wordsOf('ACME')[0]?.spellings).toEqual(['acme'])
  })

  it('has twelve words at most', () => {
    expect(hasTooManyWords('a b c d e f g h i j k l l l l')).toBe(false)
    expect(hasTooManyWords('a b c d e f g h i j k l m')).toBe(true)
  })
})
