import { existsSync } from 'node:fs'
import { expect, it } from 'vitest'
import { mutated } from './mutate.ts'
import { PROTOCOL_TESTS } from './mutation.ts'
import { MUTATIONS } from './mutations.ts'

const root = new URL('../..', import.meta.url).pathname

it.each(MUTATIONS)('$id still has a place: $what', (mutation) => {
  expect(mutated(mutation, root)).toContain(mutation.replace)
  for (const file of mutation.tests ?? PROTOCOL_TESTS) {
    expect(existsSync(`${root}/test/${file}`), file).toBe(true)
  }
})

it('gives each mutation a name of its own', () => {
  const ids = MUTATIONS.map(({ id }) => id)
  expect(new Set(ids).size).toBe(ids.length)
})
