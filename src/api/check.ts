/** What was found at one place of a Worker. */
export interface Check {
  /** Of what: `tables`, `queue`. */
  name: string
  ok: boolean
  /** What is there. */
  found: string
  /** What to type or to write; empty when nothing is to be done. With `ok` it is advice. */
  todo: string
}
