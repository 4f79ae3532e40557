import { describe, expect, it } from 'vitest'
import { GLOSSARY, termFor } from '../../src/sentences/glossary.ts'
import { read } from '../support/docs.ts'

const inDocs = [...read('docs/guide/glossary.md').matchAll(/^\| (\*\*.*) \| (.*) \|$/gm)].map(
  ([, term = '', meaning = '']) => [term, meaning].map((text) => text.replaceAll(/\*\*|`/g, '')),
)

describe('The glossary', () => {
  it('of page and command is the one of the docs, word by word', () => {
    expect(inDocs.length).toBeGreaterThan(50)
    expect(Object.entries(GLOSSARY)).toEqual(inDocs)
  })

  it('is in the order of the alphabet', () => {
    const terms = Object.keys(GLOSSARY)
    expect(terms).toEqual(terms.toSorted((a, b) => a.localeCompare(b, 'en')))
  })

  it('knows a word in the plural and in any case', () => {
    expect(termFor('Retries')).toBe('retry')
    expect(termFor('Slices')).toBe('slice')
    expect(termFor('Idempotency key')).toBe('idempotency key')
    expect(termFor('Passes')).toBeUndefined()
  })
})
