import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The repository's folder, with a slash at its end. */
export const ROOT = fileURLToPath(new URL('../../', import.meta.url).href)

export const read = (path: string): string => readFileSync(ROOT + path, 'utf8')

/** README, the guide for agents, and all pages under `docs`, by their paths. README comes first. */
export function pages(): string[] {
  const docs = readdirSync(`${ROOT}docs`, { recursive: true, encoding: 'utf8' })
  const found = docs.filter((path) => path.endsWith('.md')).toSorted()
  return ['README.md', 'AGENTS.md', ...found.map((path) => `docs/${path}`)]
}

/** A block of code in a page. */
export interface Fence {
  readonly page: string
  /** The line of its opening fence, from 1. */
  readonly line: number
  /** Empty when the fence names none. */
  readonly language: string
  readonly code: string
}

/** The blocks of code of a page, in order. */
export function fences(page: string): Fence[] {
  const found: Fence[] = []
  let open: { line: number; language: string; code: string[] } | undefined
  for (const [index, text] of read(page).split('\n').entries()) {
    const fence = /^\s*```(?<language>\w*)/.exec(text)
    if (!fence) open?.code.push(text)
    else if (open) {
      found.push({ page, line: open.line, language: open.language, code: open.code.join('\n') })
      open = undefined
    } else open = { line: index + 1, language: fence.groups?.['language'] ?? '', code: [] }
  }
  if (open) throw new Error(`${page}:${open.line}: this block of code has no end`)
  return found
}

/** Without the indentation that all lines share, and without blank lines around it. */
export function dedent(lines: readonly string[]): string {
  const depths = lines.filter((line) => line.trim()).map((line) => line.search(/\S/))
  const depth = depths.length === 0 ? 0 : Math.min(...depths)
  return lines
    .map((line) => line.slice(depth).trimEnd())
    .join('\n')
    .replace(/^\n+|\n+$/g, '')
}

/** Whether the file has the code as consecutive lines, at whatever indentation. */
export function shows(path: string, code: string): boolean {
  const wanted = dedent(code.split('\n'))
  const length = wanted.split('\n').length
  const lines = read(path).split('\n')
  return lines.some((_line, start) => dedent(lines.slice(start, start + length)) === wanted)
}

/** What a page names in backquotes. */
export const names = (page: string): string[] =>
  [...read(page).matchAll(/`([^`\n]+)`/g)].map(([, name = '']) => name)

/** A command line's words, as a shell parts them. */
export function words(line: string): string[] {
  return [...line.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(
    ([, single, double, bare]) => single ?? double ?? bare ?? '',
  )
}
