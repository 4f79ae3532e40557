import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** The machine's own Node, which may be older than the one that this repository brings along. */
function machinesNode(): string {
  const folders = (process.env['PATH'] ?? '').split(delimiter)
  const own = folders
    .filter((folder) => !folder.includes('node_modules'))
    .map((folder) => join(folder, 'node'))
  return own.find((path) => existsSync(path)) ?? process.execPath
}

const versionOf = (node: string) => execFileSync(node, ['--version'], { encoding: 'utf8' }).trim()
/** It, and this one; by their versions. */
export const nodes = [
  ...new Map([machinesNode(), process.execPath].map((node) => [versionOf(node), node])),
]
