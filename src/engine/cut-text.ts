/**
 * The start of a text that is too long, with `more` behind it to show that there was more. Never ends in
 * half a character, and has no other halves either: D1 stores none, and a terminal shows none.
 */
export function cutText(text: string, length: number, more = ''): string {
  if (text.length <= length) return text.toWellFormed()
  return `${text.slice(0, length).replace(/[\uD800-\uDBFF]$/, '')}${more}`.toWellFormed()
}

/** The start of a text such as SQL, on one line. */
export function excerpt(text: string, length = 120): string {
  return cutText(text.replaceAll(/\s+/g, ' ').trim(), length, '…')
}
