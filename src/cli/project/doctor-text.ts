import { inert } from '../text/inert.ts'
import type { Paint } from '../text/paint.ts'
import { countText } from '../text/text.ts'
import type { Check } from './checks/check.ts'

/**
 * All is well: one line, and advice. Something is wrong: a line for each check. Well is only what was looked at: `seen`
 * names it.
 */
export function doctorText(
  checks: readonly Check[],
  seen: readonly string[],
  paint: Paint,
): string {
  const shown = inert(checks)
  const width = Math.max(...shown.map(({ name }) => name.length))
  const line = (check: Check) => {
    const { name, found, todo } = check
    const toDo = todo === '' ? '' : `. To do: ${todo}`
    return `${wordOf(check, paint)}  ${name.padEnd(width)}  ${found}${toDo}`
  }
  if (shown.some(({ ok }) => !ok)) return shown.map(line).join('\n')
  const notes = shown.filter(({ todo, unseen }) => todo !== '' || unseen).map(line)
  const looked = `${countText(shown.filter(({ unseen }) => !unseen).length, 'check')} of ${seen.join(', ')}`
  const head = shown.some(({ unseen }) => unseen)
    ? `Nothing wrong in ${looked}. Not everything was looked at:`
    : `All well: ${looked}.`
  return [head, ...notes].join('\n')
}

function wordOf({ ok, todo, unseen }: Check, paint: Paint): string {
  if (!ok) return paint('red', 'wrong')
  return todo === '' && !unseen ? 'ok   ' : paint('yellow', 'note ')
}
