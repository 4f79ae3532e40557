import { stripVTControlCharacters } from 'node:util'

/** Characters that a terminal gives two columns, and those that it gives none. */
const TWO =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u
const NONE = /\p{M}/u

/** A cell that `paint.ts` has coloured: always the whole of it. */
const PAINTED = new RegExp(String.raw`^(\x1b\[3\dm)(.*)(\x1b\[39m)$`, 's')

/** The columns of a terminal that a text takes; what colours it takes none. */
export function widthOf(text: string): number {
  let width = 0
  for (const char of stripVTControlCharacters(text)) width += widthOfChar(char)
  return width
}

function widthOfChar(char: string): number {
  return NONE.test(char) ? 0 : TWO.test(char) ? 2 : 1
}

/** The start of a text that is wider than that, with a `…` to show that there was more. */
export function cutToWidth(text: string, width: number): string {
  if (widthOf(text) <= width) return text
  const [, before = '', plain = text, after = ''] = PAINTED.exec(text) ?? []
  let cut = ''
  let room = width - 1
  for (const char of plain) {
    room -= widthOfChar(char)
    if (room < 0) break
    cut += char
  }
  return `${before}${cut.trimEnd()}…${after}`
}

/** A text, and spaces behind it up to that width. */
export function padded(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - widthOf(text)))
}
