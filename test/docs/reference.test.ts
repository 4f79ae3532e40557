import { readdirSync } from 'node:fs'
import { expect, it } from 'vitest'
import { referencePages } from '../../scripts/reference/pages.ts'
import { read, ROOT } from '../support/docs.ts'

it('The reference is what the docstrings say: if not, npm run reference', async () => {
  const pages = await referencePages()
  const there = readdirSync(`${ROOT}docs/reference`).map((page) => `docs/reference/${page}`)
  expect(there.toSorted()).toEqual([...pages.keys()].toSorted())
  for (const [page, text] of pages) expect(read(page), page).toBe(text)
})

it('has a word on each function and class', async () => {
  const silent = [...(await referencePages())].flatMap(([page, text]) =>
    [...text.matchAll(/^## (\S+)\n\n```ts\n(function|class|abstract class) /gm)].map(
      ([, name]) => `${page} ${name}`,
    ),
  )
  expect(silent).toEqual([])
})
