import { cutText } from './cut-text.ts'
import type { ErrorGroup, RunError } from './errors.ts'

const MAX_TEMPLATE = 300
const MAX_FRAME = 200

/**
 * What differs from run to run; the first are names that have digits, and statuses, which tell errors apart. An id has
 * a letter right after a digit and is no duration, or is hexadecimal: `orders_2024` is none.
 */
const VARYING =
  /\b(?:D1|R2|S3|UTF-?\d+|base64|SHA-?\d+|(?:HTTP|status|code)\W{1,3}\d{3})(?![\da-z])|([\w.+-]+@[\w-]+\.[\w.-]*\w)|(\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d[\d:.]*(?:Z|[+-]\d\d:?\d\d)?)?)|(?<!\w)((?=[\w-]*\d[a-z])(?!\d+[a-z]{1,5}(?![\w-]))[\w-]{6,}|(?=[a-f]*\d)[\da-f]{8,}(?!\w))|(\d+(?:[.,]\d+)*)/gi

/** Not of the platform, and not of a package that is no part of the bundle. */
const FRAME =
  /^ +at (?:async )?(?:(?:new |Object\.)?(.+?) \()?(?!(?:node|cloudflare|workerd)[\w-]*:)(?!.*node_modules)([^(\n]+:\d+:\d+)\)?$/m

/** Errors of Dogear's own say in words where they belong. */
const OWN = /^(?:Dogear|Page|(?:Invalid|Unadvanceable)(?:Step|Cursor|Record))Error$/

/** The error with its group. One that stands for the last of many belongs to the group of that. */
export function grouped(job: string, error: RunError): RunError & { group: ErrorGroup } {
  const { name, code, message, stack, statement } =
    (error.code?.endsWith('_exhausted') && error.cause) || error
  const template = cutText(
    message
      .replace(VARYING, (found, email, time, id, number) =>
        email ? '<email>' : time ? '<time>' : id ? '<id>' : number ? '<n>' : found,
      )
      .replaceAll(/\s+/g, ' '),
    MAX_TEMPLATE,
  )
  const [, thrower = '', place] =
    statement === undefined && !OWN.test(name) ? (FRAME.exec(stack ?? '') ?? []) : []
  // Neither lines nor the bundler's numbers outlive a deploy.
  const id = digest([job, code ?? name, template, thrower.replace(/\d+$/, '')].join('\n'))
  const frame = place && cutText(thrower ? `${thrower} (${place})` : place, MAX_FRAME)
  const group: ErrorGroup = { id, template, ...(frame && { frame }) }
  return { ...error, group }
}

/** 64 bits of no secret: cyrb53, with all of both halves. */
function digest(text: string): string {
  let [a, b] = [0xdeadbeef, 0x41c6ce57]
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    a = Math.imul(a ^ code, 2654435761)
    b = Math.imul(b ^ code, 1597334677)
  }
  const mix = (one: number, other: number) =>
    Math.imul(one ^ (one >>> 16), 2246822507) ^ Math.imul(other ^ (other >>> 13), 3266489909)
  a = mix(a, b)
  b = mix(b, a)
  return [a, b].map((half) => (half >>> 0).toString(16).padStart(8, '0')).join('')
}
