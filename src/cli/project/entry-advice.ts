/** What a person changes in the Worker's entry file. */
export interface EntryAdvice {
  file: string
  /** The lines as they are to be, in order. */
  lines: string[]
}

export interface EntryNames {
  file: string
  text: string
  /** How the entry imports the file with `createDogear`: `./jobs`; undefined when it is the entry. */
  specifier: string | undefined
  className: string
}

/** The lines for an entry file, after what it exports by default today. */
export function entryAdvice({ file, text, specifier, className }: EntryNames): EntryAdvice {
  const line = /^export\s+default\b.*$/m.exec(text)?.[0].trimEnd()
  const exported =
    className === 'JobRun'
      ? 'export const { JobRun } = jobs'
      : `export const ${className} = jobs.JobRun`
  const extension = /\bfrom\s+['"]\.{1,2}\/[^'"]+(\.[jt]s)['"]/.exec(text)?.[1] ?? ''
  const imported =
    specifier === undefined ? [] : [`import { jobs } from '${specifier}${extension}'`]
  return { file, lines: [...imported, exported, ...defaultExport(line)] }
}

function defaultExport(line: string | undefined): string[] {
  if (line === undefined) return ['export default jobs.wrap({})']
  const was = `// was: ${line}`
  const name = /^export\s+default\s+([\w$]+)\s*;?$/.exec(line)?.[1]
  if (name !== undefined) return [`export default jobs.wrap({ fetch: ${name}.fetch }) ${was}`]
  if (/^export\s+default\s+\{/.test(line)) {
    return [`export default jobs.wrap({ ${was}`, '  ...', '}) // one bracket more at its end']
  }
  if (/^export\s+default\s+(?:abstract\s+)?class\b/.test(line)) {
    return [
      '// In the class of the default export; what Dogear leaves is yours:',
      'async fetch(request) { if (jobs.owns(request)) return jobs.fetch(request, this.env, this.ctx) ... }',
      'async queue(batch) { const mine = await jobs.queue(batch, this.env) ... }',
      'async scheduled(controller) { if (await jobs.scheduled(controller, this.env)) return ... }',
    ]
  }
  return [`export default jobs.wrap(...) ${was}`]
}
