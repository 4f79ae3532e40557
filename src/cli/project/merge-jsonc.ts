import { applyEdits, type Edit, type Node, parseTree, stripComments } from 'jsonc-parser'

/** What to add: objects are merged member by member, lists get more entries at their end. */
export interface Patch {
  [key: string]: Patch | readonly unknown[] | string
}

/** A line that an entry still fits on. */
const COLUMNS = 90

/**
 * JSON with comments, with the patch in it. Whatever was there stays as it is, byte for byte, but for commas. A
 * member that is there and no object or list is left alone.
 */
export function mergeJsonc(text: string, patch: Patch): string {
  const root = parseTree(text, [], { allowTrailingComma: true })
  if (root?.type !== 'object') throw new Error('expected an object of JSON')
  return applyEdits(text, new Merge(text, root).into(root, patch))
}

class Merge {
  readonly #text: string
  readonly #eol: string
  /** One level of indentation. */
  readonly #unit: string

  constructor(text: string, root: Node) {
    this.#text = text
    this.#eol = text.includes('\r\n') ? '\r\n' : '\n'
    this.#unit = this.#indentAt(root.children?.[0]?.offset ?? 0) || '  '
  }

  into(object: Node, patch: Patch): Edit[] {
    const there = (key: string) =>
      object.children?.find(({ children }) => children?.[0]?.value === key)?.children?.[1]
    const fresh = Object.entries(patch).filter(([key]) => there(key) === undefined)
    const inner = Object.entries(patch).flatMap(([key, value]) => {
      const node = there(key)
      if (node?.type === 'array' && Array.isArray(value)) {
        return this.#append(
          node,
          value.map((entry) => (indent: string) => this.#print(entry, indent)),
        )
      }
      const isPatch = typeof value === 'object' && !Array.isArray(value)
      return node?.type === 'object' && isPatch ? this.into(node, value as Patch) : []
    })
    const members = fresh.map(([key, value]) => (indent: string) => {
      const name = `${JSON.stringify(key)}: `
      return name + this.#print(value, indent, name.length)
    })
    return [...inner, ...this.#append(object, members)]
  }

  /** Adds entries at the end of a list or object, each printed for its indentation. */
  #append(node: Node, entries: readonly ((indent: string) => string)[]): Edit[] {
    if (entries.length === 0) return []
    const close = node.offset + node.length - 1
    const last = node.children?.at(-1)
    const after = last === undefined ? node.offset + 1 : last.offset + last.length
    const rest = this.#text.slice(after, close)
    const hasComma = last === undefined || stripComments(rest).includes(',')
    if (!rest.includes('\n')) {
      const indent = this.#indentAt(close)
      const list = entries.map((print) => print(indent)).join(', ')
      if (last === undefined) return [insert(close, node.type === 'object' ? ` ${list} ` : list)]
      return [insert(hasComma ? close : after, hasComma ? ` ${list}` : `, ${list}`)]
    }
    const outer = this.#indentAt(close)
    const indent = last === undefined ? outer + this.#unit : this.#indentAt(last.offset)
    const lines = entries.map((print) => indent + print(indent)).join(`,${this.#eol}`)
    const end = last !== undefined && hasComma ? ',' : ''
    const comma = hasComma ? [] : [insert(after, ',')]
    const line = this.#lineStart(close)
    // The closing bracket has a line of its own: before it, so that comments stay with what they speak of.
    if (this.#text.slice(line, close).trim() === '') {
      return [...comma, insert(line, lines + end + this.#eol)]
    }
    return [...comma, insert(close, this.#eol + lines + end + this.#eol + outer)]
  }

  #print(value: unknown, indent: string, before = 0): string {
    const short = oneLine(value)
    if (typeof value !== 'object' || indent.length + before + short.length <= COLUMNS) return short
    const deeper = indent + this.#unit
    const [open, close, entries] = Array.isArray(value)
      ? (['[', ']', value.map((entry) => this.#print(entry, deeper))] as const)
      : (['{', '}', this.#members(value as object, deeper)] as const)
    const lines = entries.map((entry) => deeper + entry).join(`,${this.#eol}`)
    return [open, lines, indent + close].join(this.#eol)
  }

  #members(value: object, indent: string): string[] {
    return Object.entries(value).map(([key, member]) => {
      const name = `${JSON.stringify(key)}: `
      return name + this.#print(member, indent, name.length)
    })
  }

  #lineStart(offset: number): number {
    return this.#text.lastIndexOf('\n', offset - 1) + 1
  }

  #indentAt(offset: number): string {
    return /^[ \t]*/.exec(this.#text.slice(this.#lineStart(offset)))?.[0] ?? ''
  }
}

function insert(offset: number, content: string): Edit {
  return { offset, length: 0, content }
}

/** A value of JSON on one line, with room between its parts. */
export function oneLine(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(oneLine).join(', ')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value).map(
    ([key, member]) => `${JSON.stringify(key)}: ${oneLine(member)}`,
  )
  return `{ ${members.join(', ')} }`
}
