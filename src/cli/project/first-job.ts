import type { Tokens } from './tokens.ts'

/** The name of the first job in the options that begin at `open`: `{ jobs: [hello] }`, and where `hello` is defined. */
export function firstJob(tokens: Tokens, open: number): string | undefined {
  const jobs = tokens.parts(open).find((part) => tokens.at(part) === 'jobs')
  if (jobs === undefined || tokens.at(jobs + 1) !== ':' || tokens.at(jobs + 2) !== '[')
    return undefined
  const first = jobs + 3
  if (!tokens.isName(first)) return undefined
  const definition = Array.from({ length: tokens.length }, (_, index) => index).find(
    (index) =>
      tokens.at(index) === tokens.at(first) &&
      tokens.at(index + 1) === '=' &&
      tokens.at(index + 3) === '(' &&
      tokens.at(index + 4) === '{',
  )
  if (definition === undefined) return undefined
  const name = tokens.parts(definition + 4).find((part) => tokens.at(part) === 'name')
  return name === undefined ? undefined : tokens.text(name + 2)
}
