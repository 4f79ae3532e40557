/**
 * Characters that do something instead of showing something: controls (C0, DEL, C1), what turns the
 * direction of writing or has no width (format characters), separators of lines, halves of pairs.
 */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

/** A text of somebody else's as it may stand on one line of a terminal or a page: all of it can be seen. */
export function visible(text: string): string {
  return text.replace(UNSEEN, (char) => SHORT[char] ?? escaped(char))
}

/**
 * JSON that says the same to a parser, and nothing to a terminal: JSON itself leaves C1, DEL, and what turns
 * the direction of writing as they are.
 */
export function plainJson(value: unknown, space?: number): string {
  // Only the indentation has line breaks of its own: those within texts are escaped already.
  return JSON.stringify(value, null, space).replace(UNSEEN, (char) =>
    char === '\n' ? char : escaped(char),
  )
}

function escaped(char: string): string {
  return char
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('')
}
