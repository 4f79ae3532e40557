import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path/posix'
import { describe, expect, it } from 'vitest'

/**
 * The plan of the house: docs/architecture.md lists the rooms from the top down, and this test reads it
 * there. A room imports from the rooms below it, types too.
 */
const ROOT = join(import.meta.dirname, '..')
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8')

/** A file without its comments. */
const codeOf = (path: string) => read(path).replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, '')

const plan = read('docs/architecture.md')
const rooms = [...plan.matchAll(/^\| `((?:src|durable-objects)[^`]*)` \|/gm)]
  .map(([, room = '']) => room)
  .toReversed()

const sources = ['src', 'durable-objects'].flatMap((folder) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.tsx?$/.test(file))
    .map((file) => join(folder, file)),
)

/** The room of a file: the one that names it most closely. `folder/*.ts` has no folders of its own. */
function roomOf(file: string): number {
  const candidates = rooms.filter((room) =>
    room.endsWith('/*.ts')
      ? dirname(file) === dirname(room)
      : file === room || file.startsWith(room),
  )
  const closest = candidates.toSorted((a, b) => b.length - a.length)[0]
  return closest === undefined ? -1 : rooms.indexOf(closest)
}

/** The files of a folder; of a file, those beside it. */
function filesAt(path: string): string[] {
  const folder = statSync(join(ROOT, path)).isDirectory() ? path : dirname(path)
  return readdirSync(join(ROOT, folder), { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => join(folder, name))
}

const IMPORT = /(?:^|\n)\s*(?:import|export)\b[^'";]*?\bfrom\s+'([^']+)'|\bimport\(\s*'([^']+)'/g
const { exports: faces } = JSON.parse(read('package.json')) as { exports: Record<string, unknown> }

/** The file that a specifier names; undefined for other packages. */
function target(file: string, specifier: string): string | undefined {
  const [path = ''] = specifier.split('?')
  if (path.startsWith('.')) return join(dirname(file), path)
  if (path !== 'dogear' && !path.startsWith('dogear/')) return undefined
  const face = faces[path.replace('dogear', '.')]
  if (typeof face !== 'string')
    throw new Error(`${file} imports ${path}, which package.json does not export`)
  return join(face)
}

const imports = sources.flatMap((file) =>
  [...read(file).matchAll(IMPORT)].flatMap(([, from, dynamic]) => {
    const specifier = from ?? dynamic ?? ''
    const found = target(file, specifier)
    return found === undefined || !/\.tsx?$/.test(found) ? [] : [{ file, specifier, target: found }]
  }),
)

describe('The house', () => {
  it('is read whole: its plan has all rooms, and the code its imports', () => {
    expect(rooms.length).toBeGreaterThan(20)
    expect(imports.length).toBeGreaterThan(1_000)
  })

  it('shows the world the faces of its plan, and no other', () => {
    const planned = [...plan.matchAll(/^\| `(?:src|durable-objects).*\|([^|]*)\|$/gm)].flatMap(
      ([, cell = '']) => [...cell.matchAll(/`([^`]+)`/g)].map(([, face = '']) => face),
    )
    const exported = Object.keys(faces).map((face) => face.replace('.', 'dogear'))
    expect(planned.toSorted()).toEqual(exported.toSorted())
  })

  it('names only what is there where it says where a new thing goes', () => {
    const [, table = ''] = plan.split('## Where a new thing goes')
    const rows = table.split('\n').filter((line) => /^\| \w/.test(line) && line.includes('`'))
    expect(rows.length).toBeGreaterThan(10)
    for (const row of rows) {
      const names = [...row.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name)
      const files = names.filter((name) => /^[\w-]+\//.test(name)).flatMap(filesAt)
      const missing = names.filter(
        (name) =>
          !existsSync(join(ROOT, name)) &&
          !files.some((file) => file.endsWith(`/${name}`) || read(file).includes(name)),
      )
      expect(missing, row).toEqual([])
    }
  })

  it('has a room for every file', () => {
    expect(sources.filter((file) => roomOf(file) === -1)).toEqual([])
  })

  it('has files in every room', () => {
    const inhabited = new Set(sources.map(roomOf))
    expect(rooms.filter((_, room) => !inhabited.has(room))).toEqual([])
  })

  it('has imports that run downhill only, types too', () => {
    const up = imports.filter((arrow) => roomOf(arrow.target) > roomOf(arrow.file))
    expect(up.map((arrow) => `${arrow.file} -> ${arrow.target}`)).toEqual([])
  })

  it('keeps the SQL of the engine in the store', () => {
    const elsewhere = sources.filter(
      (file) =>
        file.startsWith('src/engine/') &&
        !file.startsWith('src/engine/store/d1/') &&
        /\.prepare\(|\b(?:FROM|INTO|UPDATE) dogear_/.test(codeOf(file)),
    )
    // Not of the engine's tables: an enumerator prepares what its author wrote.
    expect(elsewhere).toEqual(AUTHORS_SQL)
  })

  it("names the library's tables where they are kept, and nowhere else", () => {
    const named = sources.filter((file) => TABLE.test(codeOf(file)))
    expect(named.length).toBeGreaterThan(20)
    expect(named.filter((file) => !TABLE_ROOMS.some((room) => file.startsWith(room)))).toEqual([])
  })

  it("has a shop that does not know the library's tables", () => {
    const knowing = sources.filter((file) => file.startsWith('src/shop/'))
    expect(knowing.length).toBeGreaterThan(50)
    expect(knowing.filter((file) => codeOf(file).includes('dogear_'))).toEqual([])
  })

  it('has a shop that knows Dogear by its public names only', () => {
    const deep = imports.filter(
      (arrow) =>
        arrow.file.startsWith('src/shop/') &&
        arrow.specifier.startsWith('.') &&
        !arrow.target.startsWith('src/shop/'),
    )
    expect(deep.map((arrow) => `${arrow.file} -> ${arrow.target}`)).toEqual([])
  })

  it('has a library that leaves its test kit out of Workers', () => {
    const kit = imports.filter(
      ({ file, target: found }) =>
        found.startsWith('src/testing/') && !file.startsWith('src/testing/'),
    )
    const inside = kit.map(({ file }) => file).filter((file) => !file.startsWith('src/cli/local/'))
    expect(new Set(inside)).toEqual(new Set(['src/index.ts']))
  })

  it('has a library that does not know the shop', () => {
    const back = imports.filter(
      (arrow) => arrow.target.startsWith('src/shop/') && !arrow.file.startsWith('src/shop/'),
    )
    expect(back.map((arrow) => arrow.file).filter((file) => file !== 'src/index.ts')).toEqual([])
  })
})

/** SQL on a table of the library. */
const TABLE = /\b(?:FROM|INTO|UPDATE|JOIN|TABLE|ON|INDEXED BY)\s+"?dogear_/i

/** Each keeps tables: the engine, and those who listen to it. */
const TABLE_ROOMS = [
  'src/engine/store/d1/',
  'src/schema/',
  'src/schedules/',
  'src/monitoring/',
  'src/webhooks/',
  'src/search/',
  'src/api/access/',
]

/** What else of the engine prepares statements: those of jobs. */
const AUTHORS_SQL = [
  'src/engine/enumerators/batch-ranges.ts',
  'src/engine/enumerators/key-stretches.ts',
  'src/engine/enumerators/keyset.ts',
]
