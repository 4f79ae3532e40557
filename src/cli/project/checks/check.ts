/** What `dogear doctor` found at one place. */
export interface Check {
  /** Of what: `consumer`, or `env.staging: consumer`. */
  name: string
  ok: boolean
  /** What is there. */
  found: string
  /** What to type or to write; empty when nothing is to be done. With `ok` it is advice. */
  todo: string
}

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
