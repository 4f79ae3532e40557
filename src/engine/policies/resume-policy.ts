import { durationMs } from '../durations.ts'

/** Options of an interruption by the job itself. */
export interface InterruptOptions {
  /** Wait before the next slice. @default the job's `resume.wait` */
  wait?: string | number
}

/** The same, read. */
export interface AskedInterrupt {
  waitMs?: number
}

/** Throws `invalid_options` for a wait that is none. */
export function askedInterrupt({ wait }: InterruptOptions = {}): AskedInterrupt {
  return wait === undefined ? {} : { waitMs: durationMs(wait) }
}

/** The way a run goes on after an interruption. After Rails' `resume_options` and `max_resumptions`. */
export interface ResumePolicy {
  /** Wait before the next slice, unless the interruption brings its own. @default 0 */
  wait?: string | number
  /**
   * The queue binding that a run's messages go to from its first interruption, or error after progress,
   * on: one for what takes long, say. See `queue`. @default the job's `queue`
   */
  queue?: string
  /**
   * Resumptions after which one more interruption fails the run. As in Rails each one counts, whatever the
   * reason: budget, isolation, an error after progress, and a person's interrupt or pause, too. A
   * person's retry counts them again. @default unlimited
   */
  maxResumptions?: number
  /** An error after progress resumes the run instead of failing it. @default true */
  errorsAfterAdvancing?: boolean
}
