import { inert } from '../text/inert.ts'
import type { Paint } from '../text/paint.ts'
import { countText } from '../text/text.ts'
import type { Check } from './checks/check.ts'

/** One line for each check; for a Worker in which all is well, one line. */
export function doctorText(
  checks: readonly Check[],
  seen: readonly string[],
  paint: Paint,
): string {
  if (checks.every(({ ok, todo }) => ok && todo === '')) {
    return `All well: ${countText(checks.length, 'check')} of ${seen.join(', ')}.`
  }
  const width = Math.max(...checks.map(({ name }) => name.length))
  return inert(checks)
    .map(({ name, ok, found, todo }) => {
      const word = ok ? (todo === '' ? 'ok   ' : paint('yellow', 'note ')) : paint('red', 'wrong')
      return `${word}  ${name.padEnd(width)}  ${found}${todo === '' ? '' : `. To do: ${todo}`}`
    })
    .join('\n')
}
