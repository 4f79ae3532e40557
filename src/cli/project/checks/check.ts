import type { Check } from '../../../api/check.ts'

export type { Check } from '../../../api/check.ts'

/** What a check says of its place. */
export type Finding = Omit<Check, 'name'>

/** As it should be. */
export const fine = (found: string): Finding => ({ ok: true, found, todo: '' })

/** Works, and could be better. */
export const advice = (found: string, todo: string): Finding => ({ ok: true, found, todo })

/** Does not work. */
export const wrong = (found: string, todo: string): Finding => ({ ok: false, found, todo })

/** Findings by their names; what is undefined was not to be looked at. */
export function checksOf(findings: Readonly<Record<string, Finding | undefined>>): Check[] {
  return Object.entries(findings).flatMap(([name, finding]) =>
    finding === undefined ? [] : [{ name, ...finding }],
  )
}
