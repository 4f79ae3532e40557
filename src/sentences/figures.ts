/** How sentences say a cursor, a number, and a time that something took. */

export function cursorWords(cursor: unknown): string {
  return cursor === null || cursor === undefined
    ? ''
    : typeof cursor === 'string'
      ? cursor
      : JSON.stringify(cursor)
}

const number = new Intl.NumberFormat('en')

export function count(value: number): string {
  return number.format(value)
}

export function duration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`
  const minutes = Math.floor(ms / 60_000)
  if (minutes < 60) return `${minutes} min ${Math.round((ms % 60_000) / 1_000)} s`
  const hours = Math.floor(minutes / 60)
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} days`
}

/** How fast something goes, as exactly as is worth reading: `120/s`, `7.5/s`, `18/min`, `3/h`. */
export function rateWords(perSecond: number): string {
  if (perSecond >= 10) return `${count(Math.round(perSecond))}/s`
  if (perSecond >= 1) return `${Math.round(perSecond * 10) / 10}/s`
  if (perSecond === 0) return '0/s'
  return perSecond * 60 >= 1 ? `${rounded(perSecond * 60)}/min` : `${rounded(perSecond * 3_600)}/h`
}

function rounded(value: number): number {
  return value >= 10 ? Math.round(value) : Math.round(value * 10) / 10
}
