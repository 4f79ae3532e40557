import type { HeapProbe } from './heap.ts'
import type { WorkerdProbe } from './workerd.ts'

/** What `npm run bench` was asked for. */
export interface Options {
  /** Small figures that only show that the bench works. */
  quick: boolean
  rounds: number
  /** Orders per measurement; each bench has its own default. */
  orders: number | undefined
  /** Runs among which `list` lists, instead of its own. */
  runs: number | undefined
  /** Round trips of `distance`, in ms, instead of its own. */
  roundTrips: number[] | undefined
  /** Says what is under way. */
  progress(what: string): void
}

/** The local Worker that is measured, seen from outside. */
export interface Bench {
  probe: WorkerdProbe
  heap: HeapProbe
  /** A new process on the same port and state. */
  restart(): Promise<void>
}
