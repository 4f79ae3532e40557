import { PageError } from '../enumerators/page-error.ts'
import { DogearError } from '../errors.ts'

/**
 * True for a mistake of the job, which the same code would make again: any error of the
 * engine, unless it only passes on what the world has answered and may answer otherwise next time.
 */
export function isMistake(error: Error): error is DogearError {
  return error instanceof DogearError && !(error instanceof PageError && error.passing)
}
