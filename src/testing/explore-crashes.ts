import type { Job } from '../engine/job/job.ts'
import { TestingError } from './errors.ts'
import { Exploration, type Experiment } from './exploration.ts'
import { plannedSchedules, randomSchedule, smallest, type Failure, type Plan } from './planning.ts'
import { Random } from './random.ts'
import { decodeSchedule, describeSchedule, encodeSchedule } from './schedule-words.ts'

export interface ExploreOptions<P> extends Experiment<P>, Plan {
  /** Tries this one schedule only, as a failed exploration printed it. */
  replay?: string
}

/** The report of an exploration that found nothing. */
export interface Explored {
  /** The number of schedules tried, besides the undisturbed run. */
  schedules: number
  /** Those of them that were random pairs of faults. */
  pairs: number
  /**
   * Schedules of which a fault never came up, for `replay`: pairs, mostly, whose second point the first
   * fault made the run pass by. With single faults only, none, unless the job takes random ways.
   */
  unmet: string[]
  /** The calls that slices of the undisturbed run made, in order: the points where something can go wrong. */
  points: string[]
  /**
   * The calls that its Durable Objects made by themselves, where something can go wrong too: rows of the run and of
   * those that follow it, what lists show, messages.
   */
  objectPoints: string[]
  /** The value that `then` returned each time. */
  state: unknown
}

/** A fault changed the outcome of a run. The message has the smallest schedule that shows it. */
export class CrashError extends TestingError {
  override readonly name = 'CrashError'
  /** The faults in words, one line each. */
  readonly schedule: readonly string[]
  /** For the option `replay`. */
  readonly replay: string

  constructor(job: string, exploration: Exploration<never>, { schedule, error }: Failure) {
    const words = describeSchedule(schedule, exploration.points)
    const replay = encodeSchedule(schedule)
    super(
      'crash_changed_outcome',
      [
        `Job '${job}' ends differently when`,
        ...words.map((line) => `  - ${line}`),
        `What differs: ${error.message}`,
        `Replay it with exploreCrashes(job, { ..., replay: '${replay}' })`,
      ].join('\n'),
      { cause: error },
    )
    this.schedule = words
    this.replay = replay
  }
}

/**
 * Proves that a job survives a crash at any point: runs it undisturbed once, then again and again with
 * one fault at one of its calls to D1 and to Durable Objects, each time on fresh data, and drives it on
 * to its end. The outcome must be that of the undisturbed run, and what the job's own `verify` checks must be so,
 * and that of follow-up jobs. Between two of these calls nothing can be lost, so with small data this is all that
 * a crash can do.
 *
 * Also tries what befalls the run as a whole at these points: an invocation without D1 statements left, an
 * object that has lost its storage, all of D1 put back to what it was before an earlier call; and calls that
 * the objects make by themselves, and messages, that are lost or late. Nothing else may use D1 meanwhile.
 *
 * Throws `CrashError` with the smallest schedule that changes the outcome, and a text that replays it;
 * `undisturbed_run_failed` when the job does not complete, or pass its `verify`, by itself, `not_repeatable` when its undisturbed
 * outcome changes from try to try. The same options try the same
 * schedules. A job with effects outside D1 cannot pass if `then` reads those: they happen at least once.
 */
export async function exploreCrashes<P>(
  job: Job<P>,
  options: ExploreOptions<P>,
): Promise<Explored> {
  const exploration = new Exploration(job, options)
  await exploration.learn()
  const { replay } = options
  const schedules =
    replay === undefined ? plannedSchedules(exploration, options) : [decodeSchedule(replay)]
  for (const schedule of schedules) {
    const error = await exploration.attempt(schedule)
    if (!error) continue
    const found = { schedule, error }
    await requireRepeatable(job.name, exploration)
    throw new CrashError(
      job.name,
      exploration as Exploration<never>,
      replay === undefined ? await smallest(exploration, found) : found,
    )
  }
  return {
    schedules: schedules.length,
    pairs: schedules.filter(({ length }) => length > 1).length,
    unmet: exploration.unmet.map(encodeSchedule),
    points: exploration.points.map(({ name }) => name),
    objectPoints: exploration.objectPoints.map(({ name }) => name),
    state: exploration.state,
  }
}

export interface FaultsOptions<P> extends Experiment<P> {
  seed: number
  /** Most faults of the run; the seed chooses how many, which, and where. @default 3 */
  faults?: number
}

/**
 * Runs a job once undisturbed and once under random faults that follow from `seed`, and compares the
 * outcomes: one case of a property test. Throws `CrashError`, made as small as can be, when they
 * differ; else returns the schedule in words, and what `then` returned.
 */
export async function runUnderFaults<P>(
  job: Job<P>,
  options: FaultsOptions<P>,
): Promise<{ schedule: string[]; state: unknown }> {
  const exploration = new Exploration(job, options)
  await exploration.learn()
  const random = new Random(options.seed)
  const most = options.faults ?? 3
  const schedule = randomSchedule(exploration, random, 1 + random.below(most))
  const error = await exploration.attempt(schedule)
  if (error) {
    await requireRepeatable(job.name, exploration)
    const failure = await smallest(exploration, { schedule, error })
    throw new CrashError(job.name, exploration as Exploration<never>, failure)
  }
  return {
    schedule: describeSchedule(schedule, exploration.points),
    state: exploration.state,
  }
}

/** A crash is to blame only if the undisturbed run still ends as it did at first. */
async function requireRepeatable<P>(job: string, exploration: Exploration<P>): Promise<void> {
  const error = await exploration.attempt([])
  if (!error) return
  throw new TestingError(
    'not_repeatable',
    `Job '${job}' ends differently when it is run undisturbed a second time: ${error.message}\n` +
      'Expected `given` to prepare the same data each time, and `then` to read nothing that changes, like times',
    { cause: error },
  )
}
