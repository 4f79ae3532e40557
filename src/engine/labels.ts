import { cutText } from './cut-text.ts'
import { DogearError } from './errors.ts'

/** Names that people give a run, to find it by: `{ campaign: 'spring', customer: '42' }`. */
export type Labels = Readonly<Record<string, string>>

const MAX_LABELS = 10
const NAME = /^[a-z][a-z0-9_.-]{0,62}$/
const MAX_VALUE = 100

/** Throws `invalid_options` for labels that cannot be looked for. */
export function checkLabels(labels: Labels): void {
  const entries = Object.entries(labels)
  if (entries.length > MAX_LABELS) {
    throw invalid(`found ${entries.length} labels; expected at most ${MAX_LABELS}`)
  }
  for (const [name, value] of entries) {
    if (!NAME.test(name)) {
      throw invalid(
        `found the label name '${cutText(name, 64)}'; expected lower case letters, digits, '_', '.' and '-', a letter first`,
      )
    }
    // D1 would store half a character as something else, by which nobody finds the run.
    if (typeof value === 'string' && (/\p{Cc}/u.test(value) || !value.isWellFormed())) {
      throw invalid(
        `the value of label '${name}' holds a control character or half a character; expected text`,
      )
    }
    if (typeof value !== 'string' || value === '' || value.length > MAX_VALUE) {
      throw invalid(`the value of label '${name}' must be a text of 1 to ${MAX_VALUE} characters`)
    }
  }
}

/** `name:value` as filters write it; undefined when it is no label. */
export function parseLabel(text: string): { name: string; value: string } | undefined {
  const at = text.indexOf(':')
  const [name, value] = [text.slice(0, at), text.slice(at + 1)]
  return at > 0 && NAME.test(name) && value !== '' && value.length <= MAX_VALUE
    ? { name, value }
    : undefined
}

function invalid(message: string): DogearError {
  return new DogearError('invalid_options', message)
}
