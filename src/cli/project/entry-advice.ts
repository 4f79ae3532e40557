import { defaultExport } from './default-export.ts'
import type { EntryParts } from './entry-parts.ts'

/** What a person changes in the Worker's entry file. */
export interface EntryAdvice {
  file: string
  /** The lines as they are to be, in order. */
  lines: string[]
}

export interface EntryNames {
  file: string
  text: string
  /** How the entry imports the file with `createDogear`: `./jobs`. */
  specifier: string
  className: string
}

/** The lines that an entry file lacks; undefined when it lacks none. */
export function entryAdvice(names: EntryNames, parts: EntryParts): EntryAdvice | undefined {
  const { isImported, isExported, queue, scheduled } = parts
  if (isExported && queue && scheduled) return undefined
  const lines = [
    ...(isImported ? [] : [importLine(names)]),
    ...(isExported ? [] : [exportLine(names.className)]),
    ...(parts.isHanded ? missingCalls(parts) : defaultExport(names.text)),
  ]
  return { file: names.file, lines }
}

function importLine({ text, specifier }: EntryNames): string {
  const extension = /\bfrom\s+['"]\.{1,2}\/[^'"]+(\.[jt]s)['"]/.exec(text)?.[1] ?? ''
  return `import { jobs } from '${specifier}${extension}'`
}

/** How an entry exports the class of the runs' objects. */
export function exportLine(className: string): string {
  return className === 'JobRun'
    ? 'export const { JobRun } = jobs'
    : `export const ${className} = jobs.JobRun`
}

/** Where the entry has handlers of its own, and one of them does not know Dogear. */
function missingCalls({ queue, scheduled }: EntryParts): string[] {
  return [
    ...(queue ? [] : ['// In your queue():', 'const others = await jobs.queue(batch, env)']),
    ...(scheduled
      ? []
      : ['// In your scheduled():', 'if (await jobs.scheduled(controller, env)) return']),
  ]
}
