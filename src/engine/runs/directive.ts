import type { InterruptDirective } from '../drive/run-record.ts'
import { DogearError } from '../errors.ts'
import type { Job } from '../job/job.ts'
import { parseStopPoint, stopPointForms } from '../steps/stop-point.ts'

export function checkDirective(job: Job, directive: InterruptDirective): InterruptDirective {
  const { afterItems, afterMs, at } = directive
  const given = [afterItems, afterMs, at].filter((value) => value !== undefined)
  if (given.length !== 1) {
    throw new DogearError(
      'invalid_options',
      `interrupt has ${given.length} of afterItems, afterMs and at; expected exactly one`,
    )
  }
  if (at !== undefined && !parseStopPoint(at, job.unit)) {
    throw new DogearError(
      'invalid_options',
      `interrupt.at is '${at}'; job '${job.name}' counts in '${job.unit}', expected ${stopPointForms(job.unit)}`,
    )
  }
  return at !== undefined && job.unitSize !== undefined
    ? beforeUnit(job.unit, job.unitSize, at)
    : directive
}

/** Units of a size are named by their number: before the 30th of 50 items each, 1,450 are done. */
function beforeUnit(unit: string, size: number, at: string): InterruptDirective {
  const number = Number(at.slice(unit.length + 1))
  if (Number.isSafeInteger(number) && number >= 1) return { afterItems: (number - 1) * size }
  throw new DogearError(
    'invalid_options',
    `interrupt.at is '${at}'; expected '${unit}:NUMBER' with a whole number from 1 up`,
  )
}
