import type { ParamSchema } from '../state/api.ts'

/** What a param may be: its description, else its type; and its bounds, which nobody is to find out by trying. */
export function hintOf(schema: ParamSchema): string | undefined {
  const { description, type, format } = schema
  const kind = format ?? (Array.isArray(type) ? type.join(' or ') : type)
  const bounds = boundsOf(schema)
  const [first = '', ...rest] = [description ?? kind ?? '', ...bounds].filter(Boolean)
  if (description === undefined) return [first, ...rest].join(', ') || undefined
  return rest.length === 0 ? first : `${first} (${rest.join(', ')})`
}

/** The keywords of JSON Schema that bound a value, and their words. */
const BOUNDS: readonly [keyword: string, words: (bound: number) => string][] = [
  ['minimum', (bound) => `at least ${bound}`],
  ['exclusiveMinimum', (bound) => `more than ${bound}`],
  ['maximum', (bound) => `at most ${bound}`],
  ['exclusiveMaximum', (bound) => `less than ${bound}`],
  ['multipleOf', (bound) => `in steps of ${bound}`],
  ['minLength', (bound) => `${bound} or more characters`],
  ['maxLength', (bound) => `${bound} characters at most`],
  ['minItems', (bound) => `${bound} or more items`],
  ['maxItems', (bound) => `${bound} items at most`],
]

/** The most that a schema's validator says by itself: a safe integer. */
const NO_BOUND = Number.MAX_SAFE_INTEGER

function boundsOf(schema: ParamSchema): string[] {
  return BOUNDS.flatMap(([keyword, words]) => {
    const bound = schema[keyword]
    return typeof bound === 'number' && Math.abs(bound) < NO_BOUND ? [words(bound)] : []
  })
}
