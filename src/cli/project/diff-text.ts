import { structuredPatch } from 'diff'
import type { Paint } from '../text/paint.ts'

/** The lines that change, with a few around them. Ends of lines do not count. */
export function diffText(name: string, before: string, after: string, paint: Paint): string {
  const { hunks } = structuredPatch(name, name, lines(before), lines(after), '', '', { context: 2 })
  const shown = hunks.flatMap((hunk) => [
    paint('cyan', `@@ line ${hunk.newStart} @@`),
    ...hunk.lines.map((line) => coloured(line, paint)),
  ])
  return [name, ...shown].join('\n')
}

function coloured(line: string, paint: Paint): string {
  if (line.startsWith('+')) return paint('green', line)
  return line.startsWith('-') ? paint('red', line) : line
}

/** As a terminal shows it. */
const lines = (text: string) => text.replaceAll('\r\n', '\n').replaceAll('\t', '  ')
