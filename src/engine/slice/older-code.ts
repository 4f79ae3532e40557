import type { Outcome } from '../drive/protocol.ts'
import type { DogearError, ErrorCode } from '../errors.ts'

/** Mistakes that older code makes with what newer code has stored. */
const OF_NEWER_CODE: readonly ErrorCode[] = [
  'step_mismatch',
  'unknown_job',
  'invalid_attribute',
  'invalid_cursor',
]

/** True for a mistake that code makes with a checkpoint for which it is too old. */
export function isOfNewerCode({ code }: DogearError): boolean {
  return OF_NEWER_CODE.includes(code)
}

/** The run comes back after a while, longer each time: the newer code may be there then. */
export const WAITS_FOR_CODE = {
  kind: 'interrupted',
  reason: 'deploy',
  directiveMet: false,
} as const

/** The run's object still has its old code, and too old a one: the run comes back as above. */
export const WAITS_FOR_OBJECT: Outcome = {
  ...WAITS_FOR_CODE,
  why: "the code of the run's object is too old for the code of the queue's consumer; expected the object to get the newer code within five minutes of a deploy",
}
