import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parseSync } from 'rolldown/utils'

/** Something that a file of declarations declares: its docstring, and its text as the compiler wrote it. */
export interface Declaration {
  doc: string
  text: string
  /** Its members that stand for other declarations: `typeof records` within `enumerators`. */
  members: readonly (readonly [name: string, stands: string])[]
  /** The file that knows what those are. */
  holder: DeclarationFile
}

interface Node {
  type: string
  start: number
  end: number
  [part: string]: unknown
}
interface Named extends Node {
  name?: string
}

/** One `.d.ts` file: what it declares, and what it takes from others. */
export class DeclarationFile {
  /** The docstring of the file itself. */
  readonly doc: string
  /** In the file's order. */
  readonly exported: readonly string[]
  readonly #path: string
  readonly #source: string
  readonly #comments: readonly { start: number; end: number; value: string }[]
  readonly #declared = new Map<string, Declaration[]>()
  /** A name here, and where it comes from. */
  readonly #taken = new Map<string, { path: string; name: string }>()

  static readonly #known = new Map<string, DeclarationFile>()

  static at(path: string): DeclarationFile {
    const known = DeclarationFile.#known.get(path) ?? new DeclarationFile(path)
    DeclarationFile.#known.set(path, known)
    return known
  }

  private constructor(path: string) {
    this.#path = path
    this.#source = readFileSync(path, 'utf8')
    const { program, comments } = parseSync(path, this.#source, { lang: 'dts' })
    this.#comments = comments.filter(({ type, value }) => type === 'Block' && value.startsWith('*'))
    const body = program.body as unknown as Node[]
    this.doc = /@module/.test(this.#comments[0]?.value ?? '')
      ? textOf(this.#comments[0]?.value)
      : ''
    this.exported = body.flatMap((node) => this.#read(node))
  }

  /** What a name of this file stands for, wherever it is declared; several are one function's overloads. */
  find(name: string): readonly Declaration[] {
    const here = this.#declared.get(name)
    if (here) return here
    const from = this.#taken.get(name)
    return from ? DeclarationFile.at(from.path).find(from.name) : []
  }

  /** Takes in a statement; the names that it exports. */
  #read(node: Node): string[] {
    if (node.type === 'ImportDeclaration') {
      this.#take(node, 'imported', 'local')
      return []
    }
    if (node.type === 'ExportAllDeclaration') {
      const path = this.#sourceOf(node)
      const names = path === undefined ? [] : DeclarationFile.at(path).exported
      for (const name of names) this.#taken.set(name, { path: path as string, name })
      return [...names]
    }
    if (node.type !== 'ExportNamedDeclaration') {
      this.#declare(node, node)
      return []
    }
    if (node['declaration']) return this.#declare(node['declaration'] as Node, node)
    if (node['source']) return this.#take(node, 'local', 'exported')
    return (node['specifiers'] as Node[]).map((one) => nameOf(one['exported']))
  }

  #take(node: Node, theirs: string, ours: string): string[] {
    const path = this.#sourceOf(node)
    return (node['specifiers'] as Node[]).map((one) => {
      const name = nameOf(one[ours])
      if (path) this.#taken.set(name, { path, name: nameOf(one[theirs] ?? one[ours]) })
      return name
    })
  }

  /** The file that is meant; undefined for another package. */
  #sourceOf(node: Node): string | undefined {
    const { value } = node['source'] as { value: string }
    if (!value.startsWith('.')) return undefined
    return join(dirname(this.#path), value.replace(/\.ts$/, '.d.ts'))
  }

  #declare(declaration: Node, whole: Node): string[] {
    const variables = declaration['declarations'] as Node[] | undefined
    const named = variables?.map((one) => one['id'] as Named) ?? [declaration['id'] as Named | null]
    const names = named.flatMap((id) => (id?.name === undefined ? [] : [id.name]))
    const text = this.#source.slice(whole.start, whole.end)
    const entry: Declaration = {
      doc: this.#docBefore(whole.start),
      text,
      members: membersOf(named[0], text),
      holder: this,
    }
    for (const name of names) this.#declared.set(name, [...(this.#declared.get(name) ?? []), entry])
    return names
  }

  #docBefore(start: number): string {
    const before = this.#comments.findLast(({ end }) => end <= start)
    const between = before ? this.#source.slice(before.end, start) : 'x'
    return between.trim() === '' && !before?.value.includes('@module') ? textOf(before?.value) : ''
  }
}

function nameOf(node: unknown): string {
  const { name, value } = node as { name?: string; value?: string }
  return name ?? value ?? ''
}

/** What stands between the stars. */
function textOf(comment = ''): string {
  return comment
    .replace(/^\*/, '')
    .split('\n')
    .map((line) => line.replace(/^\s*\* ?/, ''))
    .join('\n')
    .replace(/@module\s*/, '')
    .trim()
}

function membersOf(id: Named | null | undefined, text: string): Declaration['members'] {
  if (!id?.['typeAnnotation']) return []
  return [...text.matchAll(/^ {4}(\w+): typeof (\w+);$/gm)].map(
    ([, name = '', stands = '']) => [name, stands] as const,
  )
}
