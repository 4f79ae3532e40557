/**
 * What an error of D1 says about the batch that met it.
 *
 * - `guard`: the commit guard raised; somebody else has written to the lane, or my own late batch.
 * - `refused`: it did not commit and never will, because the statements themselves are at fault.
 * - `spent`: it did not run; this invocation's or this day's statements are used up.
 * - `unknown`: it may have committed, may still commit, or not.
 */
export type D1Verdict = 'guard' | 'refused' | 'spent' | 'unknown'

const SPENT = ['Too many API requests by single Worker invocation', "exceeded D1's free tier"]
const REFUSED = [
  'SQLITE_CONSTRAINT',
  'SQLITE_ERROR',
  'SQLITE_TOOBIG',
  'SQLITE_MISMATCH',
  'SQLITE_RANGE',
  'D1_TYPE_ERROR',
  'too many SQL variables',
  'statement too long',
]

/**
 * Classifies by the message, since that is all D1 promises and wrapping differs between compatibility
 * dates. Whatever is not recognised is `unknown`, the verdict that is safe for every error.
 */
export function d1Verdict(error: unknown): D1Verdict {
  const message = String(error)
  if (message.includes('commit_guard')) return 'guard'
  if (SPENT.some((part) => message.includes(part))) return 'spent'
  return REFUSED.some((part) => message.includes(part)) ? 'refused' : 'unknown'
}

/** D1 gave no answer to a read or write of user code: nobody's fault but the network's. */
export function isD1OutOfReach(error: unknown): boolean {
  const about =
    error instanceof D1Timeout ||
    String(error).includes('D1_ERROR') ||
    String(error).includes('D1 DB')
  return about && d1Verdict(error) === 'unknown'
}

/** Our own patience with D1 ran out. The statement may still land. */
export class D1Timeout extends Error {
  override readonly name = 'D1Timeout'
}

/** Gives up on `work` after `ms`. What was given up may still happen later, so the outcome is unknown. */
export async function withTimeout<T>(work: Promise<T>, ms: number): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const timeout = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new D1Timeout(`D1 gave no answer within ${ms} ms`)), ms)
  })
  try {
    return await Promise.race([work, timeout])
  } finally {
    clearTimeout(timer)
    work.catch(() => undefined)
  }
}
