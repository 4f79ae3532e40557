import { type DeclaredFace, withDeclarations } from '../package/declarations.ts'
import { type Declaration, DeclarationFile } from './declared.ts'

/** A type that the compiler has worked out, of a schema say, tells nobody anything at this length. */
const MAX_LINES = 120

/** The reference of all public names: the text of each page, by its path. */
export function referencePages(): Promise<ReadonlyMap<string, string>> {
  return withDeclarations((faces) => {
    const files = faces.map((face) => [face, DeclarationFile.at(face.declaration)] as const)
    const named = new Set(files.flatMap(([, file]) => file.exported))
    return new Map(
      files.map(([face, file]) => [`docs/reference/${pageOf(face)}.md`, textOf(face, file, named)]),
    )
  })
}

/** `dogear`, `runs`, `api-schemas`. */
const pageOf = ({ path }: DeclaredFace) =>
  path === '.' ? 'dogear' : path.slice('./'.length).replaceAll('/', '-')

function textOf({ path }: DeclaredFace, file: DeclarationFile, named: ReadonlySet<string>): string {
  const sections = [...new Set(file.exported)].flatMap((name) =>
    sectionsOf(file.find(name), name, named),
  )
  return [
    `# ${path.replace('.', 'dogear')}`,
    'Made from the docstrings by `npm run reference`.',
    file.doc,
    ...sections,
    '',
  ].join('\n\n')
}

/** A name's section, and one for each of its members that stands for a declaration of its own. */
function sectionsOf(
  found: readonly Declaration[],
  title: string,
  named: ReadonlySet<string>,
): string[] {
  if (found.length === 0) throw new Error(`${title} is exported, and declared nowhere`)
  const members = found.flatMap(({ members: some, holder }) =>
    some.flatMap(([member, stands]) =>
      sectionsOf(holder.find(stands), `${title}.${member}`, named),
    ),
  )
  const docs = found.map(({ doc }) => doc.replace(/@example\n([^]*)$/, '```ts\n$1\n```'))
  return [`## ${title}`, ...docs.filter(Boolean), codeOf(found, named), ...members]
}

function codeOf(found: readonly Declaration[], named: ReadonlySet<string>): string {
  const code = [...found, ...partsOf(found, named)].map(({ text }) => asWritten(text)).join('\n\n')
  const lines = code.split('\n')
  const shown = lines.length > MAX_LINES ? [lines[0], '  // ...', lines.at(-1)] : lines
  return ['```ts', ...shown, '```'].join('\n')
}

/** What types are put together from that has no public name, and is shown nowhere else. */
function partsOf(
  found: readonly Declaration[],
  named: ReadonlySet<string>,
): readonly Declaration[] {
  return found.flatMap(({ text, holder }) => {
    const [, head = ''] = /^export (?:declare )?(?:type|interface) (\w+[^{;]*)/.exec(text) ?? []
    const names = new Set(
      [...head.matchAll(/(?:[=&]|extends) (\w+)/g)].map(([, name = '']) => name),
    )
    return [...names].filter((name) => !named.has(name)).flatMap((name) => holder.find(name))
  })
}

/** Without what only a file of declarations needs, and what is the engine's own. */
function asWritten(text: string): string {
  return text
    .replace(/^export /, '')
    .replace(/^(?:default )?declare /, '')
    .replaceAll(/^ +(?:#private|private\b[^\n]*);\n/gm, '')
    .replaceAll(/^( +)\/\*\* @internal \*\/\n\1[^\n]*?(?:\{\n[^]*?\n\1\}[^\n]*)?;\n/gm, '')
    .replaceAll(/\bimport\("[^"]+"\)\./g, '')
    .replaceAll(/^ {4}\w+: typeof \w+;\n/gm, '')
    .replaceAll(/^(?: {4})+/gm, (indent) => ' '.repeat(indent.length / 2))
}
