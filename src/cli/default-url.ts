import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { withoutMark } from './project/byte-order-mark.ts'

/** Where `wrangler dev` serves a Worker, and `createDogear` the API in it. */
const LOCAL_URL = 'http://localhost:8787/dogear'

/** Where the Worker of this folder is: as its package says, else as `wrangler dev` has it. */
export function defaultUrl(folder: string): string {
  return urlOfPackage(folder) ?? LOCAL_URL
}

/** `dogear.url` of the nearest `package.json` that says it. */
export function urlOfPackage(folder: string): string | undefined {
  const path = join(folder, 'package.json')
  const url = existsSync(path) ? urlIn(readFileSync(path, 'utf8')) : undefined
  const above = dirname(folder)
  return url ?? (above === folder ? undefined : urlOfPackage(above))
}

function urlIn(manifest: string): string | undefined {
  try {
    const { dogear } = JSON.parse(withoutMark(manifest)) as { dogear?: { url?: unknown } }
    return typeof dogear?.url === 'string' ? dogear.url : undefined
  } catch {
    return undefined
  }
}
