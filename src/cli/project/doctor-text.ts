import { inert } from '../text/inert.ts'
import type { Paint } from '../text/paint.ts'
import { countText } from '../text/text.ts'
import type { Check } from './checks/check.ts'

/** All is well: one line, and advice. Something is wrong: a line for each check. */
export function doctorText(
  checks: readonly Check[],
  seen: readonly string[],
  paint: Paint,
): string {
  const shown = inert(checks)
  const width = Math.max(...shown.map(({ name }) => name.length))
  const line = ({ name, ok, found, todo }: Check) =>
    `${wordOf({ ok, todo }, paint)}  ${name.padEnd(width)}  ${found}${todo === '' ? '' : `. To do: ${todo}`}`
  if (shown.some(({ ok }) => !ok)) return shown.map(line).join('\n')
  const notes = shown.filter(({ todo }) => todo !== '').map(line)
  return [`All well: ${countText(checks.length, 'check')} of ${seen.join(', ')}.`, ...notes].join(
    '\n',
  )
}

function wordOf({ ok, todo }: Pick<Check, 'ok' | 'todo'>, paint: Paint): string {
  if (!ok) return paint('red', 'wrong')
  return todo === '' ? 'ok   ' : paint('yellow', 'note ')
}
