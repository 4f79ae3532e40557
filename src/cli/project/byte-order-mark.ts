/** What some editors on Windows write in front of a file; no parser takes it for a part of the text. */
const MARK = '\uFEFF'

export const withoutMark = (text: string): string =>
  text.startsWith(MARK) ? text.slice(MARK.length) : text
