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
