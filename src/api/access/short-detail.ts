import { cutText } from '../../engine/cut-text.ts'

const MAX_DETAIL = 2_000

/**
 * The detail that an entry keeps of a request, within a row's size: what is short stays whole, what is
 * long is cut, so that nobody hides what was asked behind a long text. `cut` says that something is missing.
 */
export function shortDetail(detail: Record<string, unknown>): Record<string, unknown> {
  const parts = Object.entries(detail).map(([name, value]) => ({
    name,
    value,
    json: jsonOf(value),
  }))
  if (parts.reduce((sum, { name, json }) => sum + name.length + json.length + 4, 2) <= MAX_DETAIL) {
    return detail
  }
  // The shortest first: each gets an equal share of what the shorter ones have left.
  const sorted = parts.toSorted((a, b) => a.json.length - b.json.length)
  let room = MAX_DETAIL
  const kept = sorted.map(({ name, value, json }, index): [string, unknown] => {
    const share = Math.floor(room / (sorted.length - index)) - name.length - 4
    if (json.length <= share) {
      room -= name.length + json.length + 4
      return [name, value]
    }
    // What JSON escapes becomes longer in it: half of the share is for that.
    const text = cutText(typeof value === 'string' ? value : json, Math.floor(share / 2), '…')
    room -= share + name.length + 4
    return [name, text]
  })
  return { ...Object.fromEntries(kept), cut: true }
}

/** What lies too deep for JSON is refused by its route, and no reason to answer anything else. */
function jsonOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? ''
  } catch {
    return '…'.repeat(MAX_DETAIL)
  }
}
