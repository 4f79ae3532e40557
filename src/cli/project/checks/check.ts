import type { Check as Reported } from '../../../api/check.ts'

/** What was found at one place, by a Worker or by this command. */
export interface Check extends Reported {
  /** This command could not look there, so that it found nothing wrong says nothing. */
  unseen?: true
}

/** What a check says of its place. */
export type Finding = Omit<Check, 'name'>

/** As it should be. */
export const fine = (found: string): Finding => ({ ok: true, found, todo: '' })

/** Works, and could be better. */
export const advice = (found: string, todo: string): Finding => ({ ok: true, found, todo })

/** Does not work. */
export const wrong = (found: string, todo: string): Finding => ({ ok: false, found, todo })

/** Was not looked at. */
export const unseen = (why: string, todo = ''): Finding => ({
  ok: true,
  found: `not looked at: ${why}`,
  todo,
  unseen: true,
})

/** Findings by their names; what is undefined was not to be looked at. */
export function checksOf(findings: Readonly<Record<string, Finding | undefined>>): Check[] {
  return Object.entries(findings).flatMap(([name, finding]) =>
    finding === undefined ? [] : [{ name, ...finding }],
  )
}
