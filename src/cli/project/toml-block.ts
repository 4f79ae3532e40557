import { parse, stringify } from 'smol-toml'
import type { Patch } from './merge-jsonc.ts'

/** What a person puts into a `wrangler.toml`, whose comments no tool would keep. */
export interface TomlAdvice {
  /** Lines for the end of the file. */
  append: string
  /** What the file has in a form that its end cannot add to: where, and what belongs there. */
  changes: { at: string; add: string }[]
}

/** Splits the patch into what may stand at the end of the file, and what must go where something is already. */
export function tomlAdvice(text: string, patch: Patch): TomlAdvice {
  const pieces = piecesOf(patch)
  const fit = pieces.filter(({ block }) => isToml(`${text}\n${block}`))
  const others = pieces.filter((piece) => !fit.includes(piece))
  return {
    append: fit.map(({ block }) => block).join('\n'),
    changes: others.map(({ path, value }) => ({ at: path.join('.'), add: inline(value) })),
  }
}

/** The tables of a configuration that hold others, each of which can go its own way. */
const OUTER = ['durable_objects', 'queues', 'triggers', 'exports', 'env']

export interface Piece {
  path: string[]
  value: unknown
  block: string
}

/** The parts of a patch that can stand apart. */
export function piecesOf(patch: Patch, above: readonly string[] = []): Piece[] {
  return Object.entries(patch).flatMap(([key, value]) => {
    const path = [...above, key]
    if (OUTER.includes(key) || above.at(-1) === 'env') return piecesOf(value as Patch, path)
    return [{ path, value, block: blockOf(path, value) }]
  })
}

function blockOf(path: readonly string[], value: unknown): string {
  const nested = path.reduceRight<unknown>((inner, key) => ({ [key]: inner }), value)
  // A list of tables brings its own header; the empty one of the table around it would only repeat one that is there.
  return `${stringify(nested)
    .replaceAll(/^\[\w+\]\n+(?=\[\[)/gm, '')
    .trim()}\n`
}

function inline(value: unknown): string {
  if (Array.isArray(value)) return value.map(inline).join(', ')
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value).map(([key, member]) => {
    const text = Array.isArray(member) ? `[${inline(member)}]` : inline(member)
    return `${key} = ${text}`
  })
  return `{ ${members.join(', ')} }`
}

function isToml(text: string): boolean {
  try {
    parse(text)
    return true
  } catch {
    return false
  }
}
