import type { Paint } from '../text/paint.ts'
import { diffText } from './diff-text.ts'
import type { FileChange, InitPlan } from './init.ts'
import { nextText } from './next-steps.ts'

interface Shown {
  dryRun: boolean
  /** The configuration's name. */
  config: string
}

/** What `dogear init` did, or would do, and what is left to a person. */
export function initText(plan: InitPlan, shown: Shown, paint: Paint): string {
  const { changes, paste, entry, notes } = plan
  const isComplete = changes.length === 0 && paste === undefined
  return [
    ...(isComplete ? [`Nothing changed: ${shown.config} has all that Dogear needs.`] : []),
    ...changes.map((change) => changeText(change, shown, paint)),
    ...(paste === undefined ? [] : [pasteText(paste, shown)]),
    ...(entry === undefined ? [] : [`In ${entry.file}:\n\n${indented(entry.lines.join('\n'))}`]),
    ...notes.map((note) => `${paint('yellow', 'Note')}: ${note}`),
    ...(isComplete && entry === undefined ? [] : [nextText(plan.next)]),
  ].join('\n\n')
}

function changeText({ file, before, after }: FileChange, { dryRun }: Shown, paint: Paint): string {
  if (before === '') return `${dryRun ? 'Would write' : 'Wrote'} ${file}`
  return `${dryRun ? 'Would change' : 'Changed'} ${diffText(file, before, after, paint)}`
}

function pasteText({ append, changes }: NonNullable<InitPlan['paste']>, { config }: Shown): string {
  return [
    ...(append === '' ? [] : [`Put this at the end of ${config}:\n\n${append.trim()}`]),
    ...changes.map(({ at, add }) => `Add to ${at} in ${config}: ${add}`),
  ].join('\n\n')
}

function indented(text: string): string {
  return text.replaceAll(/^(?=.)/gm, '  ')
}
