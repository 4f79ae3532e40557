import { DogearError } from '../errors.ts'

/** A record of a file that breaks the rules of its format, or does not fit the header. Names its line. */
export class InvalidRecordError extends DogearError {
  override readonly name = 'InvalidRecordError'
  readonly line: number

  constructor(line: number, problem: string, options?: ErrorOptions) {
    super('invalid_record', `Line ${line}: ${problem}`, options)
    this.line = line
  }
}
