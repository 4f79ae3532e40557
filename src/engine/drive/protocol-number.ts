/**
 * The number of the protocol that a slice and its run's object speak. For some minutes after a deploy, and
 * after a rollback, either of them may be the older one. Fields are only ever added, and who does not know one
 * does without it. The numbers are for what that does not cover: each side tells its own, and who is too old
 * for the other stands aside.
 */

/** Raise it with a change of which a later release must know that the other side has it. */
export const PROTOCOL = 1

/**
 * The lowest number that this code works with, on either side. Raise it when older code would do harm, to a
 * number that the release before has spoken: else every deploy makes its runs wait for their objects.
 */
export const MINIMUM = 0

/** True of a side that tells this number. Code from before there were any tells none. */
export function isTooOld(told = 0, minimum = MINIMUM): boolean {
  return told < minimum
}
