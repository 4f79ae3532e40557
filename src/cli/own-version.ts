import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** The version in the `package.json` that the code of this folder belongs to. */
export function ownVersion(folder: string): string {
  const path = join(folder, 'package.json')
  const above = dirname(folder)
  if (!existsSync(path)) return above === folder ? 'unknown' : ownVersion(above)
  const { version } = JSON.parse(readFileSync(path, 'utf8')) as { version?: string }
  return version ?? 'unknown'
}
