/** What stands behind `export default`, of which `jobs.wrap` takes the place. */
interface Exported {
  /** Its first line. */
  line: string
  /** The name that is exported, with what the line says of its type. */
  value: string | undefined
  /** The file that it comes from, if it only passes through. */
  source: string | undefined
}

/** The lines for an entry file that hands Dogear its events, after what it exports by default today. */
export function defaultExport(text: string): string[] {
  const exported = byDeclaration(text) ?? byList(text)
  if (exported === undefined) return ['export default jobs.wrap({})']
  const { line, value, source } = exported
  const was = `// was: ${line}`
  if (isClass(text, exported)) {
    return [
      '// In the class of the default export; what Dogear leaves is yours:',
      'async fetch(request) { if (jobs.owns(request)) return jobs.fetch(request, this.env, this.ctx) ... }',
      'async queue(batch) { const mine = await jobs.queue(batch, this.env) ... }',
      'async scheduled(controller) { if (await jobs.scheduled(controller, this.env)) return ... }',
    ]
  }
  if (value !== undefined) {
    const [name = ''] = value.split(' ')
    const origin =
      name === 'worker' ? `import worker from ${source}` : `import { ${name} } from ${source}`
    return [...(source === undefined ? [] : [origin]), `export default jobs.wrap(${value}) ${was}`]
  }
  if (/^export\s+default\s+\{/.test(line)) {
    return [`export default jobs.wrap({ ${was}`, '  ...', '}) // one bracket more at its end']
  }
  return [`export default jobs.wrap(...) ${was}`]
}

function byDeclaration(text: string): Exported | undefined {
  const line = /^export\s+default\b.*$/m.exec(text)?.[0].trimEnd()
  if (line === undefined) return undefined
  const value =
    /^export\s+default\s+([\w$]+(?:\s+(?:satisfies|as)\s.*?)?)\s*;?\s*(?:\/\/.*)?$/.exec(line)?.[1]
  return { line, value, source: undefined }
}

/** `export { app as default }`, and `export { default } from './app'`. */
function byList(text: string): Exported | undefined {
  const lists = text.matchAll(/^export\s*\{([^}]*)\}(?:\s*from\s*(['"][^'"]+['"]))?/gm)
  for (const [all, names = '', source] of lists) {
    const line = all.replaceAll(/\s+/g, ' ')
    const renamed = /([\w$]+)\s+as\s+default\b/.exec(names)?.[1]
    if (renamed !== undefined && renamed !== 'default') return { line, value: renamed, source }
    if (/\bdefault\b(?!\s+as\b)/.test(names)) return { line, value: 'worker', source }
  }
  return undefined
}

function isClass(text: string, { line, value = '' }: Exported): boolean {
  if (/^export\s+default\s+(?:abstract\s+)?class\b/.test(line)) return true
  const name = /^[\w$]+/.exec(value)?.[0]
  return (
    name !== undefined && new RegExp(`\\bclass\\s+${name.replaceAll('$', '\\$')}\\b`).test(text)
  )
}
