/**
 * The key of a step's result: its name, or for a nested one the names on the way to it, after a
 * '/' each. A name that itself begins with one is written as if it were nested.
 */
export function resultKey(path: readonly string[]): string {
  const [name = ''] = path
  const plain = path.length === 1 && !name.startsWith('/')
  return plain ? name : `/${path.map(encodeURIComponent).join('/')}`
}

export function stepPath(key: string): string[] {
  return key.startsWith('/') ? key.slice(1).split('/').map(decodeURIComponent) : [key]
}
