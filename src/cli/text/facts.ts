import { visible } from '../../engine/plain-text.ts'

/** A name and what there is to say; without the latter there is no line. */
export type Fact = readonly [name: string, text: string | undefined]

/** A name and its text on each line; the further lines of a text stand below its first. */
export function facts(all: readonly Fact[]): string {
  const said = all.filter((fact): fact is [string, string] => fact[1] !== undefined)
  const width = Math.max(...said.map(([name]) => name.length)) + 2
  return said
    .map(([name, text]) => name.padEnd(width) + text.replaceAll('\n', `\n${' '.repeat(width)}`))
    .join('\n')
    .replaceAll(/ +$/gm, '')
}

/** All of a text of somebody else's, on as many lines as it has; nothing of it acts. */
export function whole(text: string): string {
  return text
    .split(/\r\n|\n/)
    .map(visible)
    .join('\n')
}
