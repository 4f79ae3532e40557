import { plainJson } from '../engine/plain-text.ts'
import { guarded } from './text/inert.ts'

/** The command's output. Nothing else of it writes. */

export function say(text: string): void {
  console.log(guarded(text))
}

export function complain(text: string): void {
  console.error(guarded(text))
}

/** For programs: exactly the document. */
export function sayJson(document: unknown): void {
  console.log(plainJson(document, 2))
}
