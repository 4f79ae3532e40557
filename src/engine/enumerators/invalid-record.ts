import { describeValue, DogearError } from '../errors.ts'

/** A record of a file that breaks the rules of its format, or does not fit the header. Names its line. */
export class InvalidRecordError extends DogearError {
  override readonly name = 'InvalidRecordError'
  readonly line: number

  constructor(line: number, problem: string, options?: ErrorOptions) {
    super('invalid_record', `Line ${line}: ${problem}`, options)
    this.line = line
  }
}

const SHOWN_BYTES = 240

/** The end of a message, which shows how a record that cannot be read begins. */
export function thatBegins(record: Uint8Array): string {
  const text = new TextDecoder().decode(record.subarray(0, SHOWN_BYTES)).trim()
  return text === '' ? '' : `. It begins ${describeValue(text)}`
}
