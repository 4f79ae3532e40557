import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { deflateRawSync } from 'node:zlib'
import type { Plugin } from 'vite'
import type { PageFile } from '../src/page/files.js'

const TYPES: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
}

/** Writes a build as one module: what `src/page/files.d.ts` says of it. `publicFolder`: files as they are, and `_headers`. */
export function pageModule(publicFolder: string, module: string): Plugin {
  return {
    name: 'dogear-page-module',
    generateBundle: {
      order: 'post',
      handler(_options, bundle) {
        const built = Object.values(bundle).map((file): [string, string] => [
          file.fileName,
          file.type === 'chunk' ? file.code : textOf(file.source),
        ])
        const asTheyAre = readdirSync(publicFolder)
          .filter((name) => name !== '_headers')
          .map((name): [string, string] => [name, readFileSync(join(publicFolder, name), 'utf8')])
        const files = [...built, ...asTheyAre].toSorted(([a], [b]) => (a < b ? -1 : 1))
        const headers = headersIn(readFileSync(join(publicFolder, '_headers'), 'utf8'))
        writeFileSync(module, sourceOf(headers, files.map(fileOf)))
      },
    },
  }
}

function textOf(source: string | Uint8Array): string {
  return typeof source === 'string' ? source : new TextDecoder().decode(source)
}

function fileOf([name, text]: [string, string]): [string, PageFile] {
  const type = TYPES[extname(name)]
  if (type === undefined) throw new Error(`What type has ${name}? Add it to TYPES`)
  const etag = createHash('sha256').update(text).digest('base64url').slice(0, 16)
  // The document is filled in, and small.
  if (type === TYPES['.html']) return [`/${name}`, { type, etag, text }]
  return [
    `/${name}`,
    { type, etag, deflated: deflateRawSync(text, { level: 9 }).toString('base64') },
  ]
}

/** The headers of a `_headers` file of Cloudflare's that has one rule, for all paths. */
function headersIn(text: string): Record<string, string> {
  const [rule, ...lines] = text.trimEnd().split('\n')
  if (rule !== '/*') throw new Error(`_headers begins with ${rule}; expected one rule, for /*`)
  return Object.fromEntries(
    lines.map((line) => {
      const [, name, value] = /^ {2}([\w-]+): (.+)$/.exec(line) ?? []
      if (name === undefined || value === undefined) throw new Error(`_headers: no header: ${line}`)
      return [name, value]
    }),
  )
}

function sourceOf(headers: Record<string, string>, files: [string, PageFile][]): string {
  return [
    '// Made by `npm run build`.',
    `export const HEADERS = ${JSON.stringify(headers, null, 2)}`,
    `export const FILES = new Map(${JSON.stringify(files, null, 2)})`,
    '',
  ].join('\n')
}
