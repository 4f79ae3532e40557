import { readFileSync } from 'node:fs'
import type { Mutation } from './mutation.ts'

/** The file with the guard taken away. Throws when its text does not stand there exactly once. */
export function mutated({ id, file, find, replace }: Mutation, root: string): string {
  const text = readFileSync(`${root}/${file}`, 'utf8')
  const places = text.split(find).length - 1
  if (places !== 1) {
    throw new Error(
      `${id}: its text stands in ${file} ${places} times; expected once. Change test/mutate/mutations.ts with the code:\n${find}`,
    )
  }
  return text.replace(find, () => replace)
}
