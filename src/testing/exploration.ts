import { env as workerEnv } from 'cloudflare:workers'
import { expect } from 'vitest'
import { bindingsOf } from '../engine/bindings.ts'
import type { Job } from '../engine/job/job.ts'
import type { CommitPolicy } from '../engine/policies/commit-policy.ts'
import type { RunView } from '../engine/run.ts'
import { type ParamsOf, testBench, type TestBench } from './bench.ts'
import { Disturbance } from './disturbance.ts'
import { TestingError } from './errors.ts'
import { withoutExpectedEvents } from './expected-events.ts'
import { FaultyQueue } from './faulty-queue.ts'
import { interceptedDatabase } from './intercepted-database.ts'
import type { Point, FaultSchedule } from './schedule.ts'
import { isLeased, requireSound, Unsound } from './soundness.ts'
import { Upheavals } from './upheavals.ts'

/** A job's data, and the reading of its outcome. */
export interface Experiment<P> {
  params?: ParamsOf<P>
  /**
   * Prepares the data, again for each try. When it returns a function, that is called after the try, to
   * clean up. All that `then` reads must come out the same each time.
   */
  given?: () => unknown
  /**
   * Reads the final state, which must deeply equal that of the undisturbed run. May also assert. The
   * run has the same id in each try.
   */
  then: (run: RunView) => unknown
  /** Follow-up jobs. They are driven to their ends before `then` is called. */
  jobs?: readonly Job[]
  /** @default the Worker's own */
  env?: Cloudflare.Env
  /** The run's object works its slices itself, as in a Worker without a queue. @default true where it has none */
  withoutQueue?: boolean
  /** Small commits make many points. @default { everyItems: 2 } */
  commit?: CommitPolicy
}

/** The end of one try. */
interface TryResult {
  run: RunView
  state: unknown
  /** The statuses of all follow-up runs, in the order of their start. */
  children: string[]
}

/** One that is not free after so many has nobody who frees it. */
const MAX_LEASES = 5

/** Tries one job under one schedule after another, and compares how each try ends with how the undisturbed one did. */
export class Exploration<P> {
  /** The calls that the slices of the undisturbed run make, in order. */
  points: readonly Point[] = []
  /** Calls that the objects make by themselves then, in order. */
  objectPoints: readonly Point[] = []
  /** Schedules of which some fault never came up, because the run did not get to its point. */
  readonly unmet: FaultSchedule[] = []
  readonly #job: Job<P>
  readonly #experiment: Experiment<P>
  readonly #bench: TestBench
  // One id for all tries, so that it may be part of the state; no other exploration has it.
  readonly #key = crypto.randomUUID()
  readonly #upheavals: Upheavals
  #undisturbed: TryResult | undefined
  /** Of the try that is under way. */
  #disturbance: Disturbance | undefined

  constructor(job: Job<P>, experiment: Experiment<P>) {
    this.#job = job
    this.#experiment = experiment
    this.#bench = testBench({
      jobs: experiment.jobs ?? [],
      ...(experiment.withoutQueue !== undefined && { withoutQueue: experiment.withoutQueue }),
      ...(experiment.env && { env: experiment.env }),
      queue: new FaultyQueue(() => this.#disturbance?.messageFault()),
      objectsDb: interceptedDatabase(
        bindingsOf(experiment.env ?? workerEnv).db,
        (call, work) => this.#disturbance?.objectCall(call, work) ?? work(),
      ),
    })
    this.#upheavals = new Upheavals(this.#bench, bindingsOf(experiment.env ?? workerEnv).db)
  }

  /** The value that `then` returned for the undisturbed run. */
  get state(): unknown {
    return this.#undisturbed?.state
  }

  /** Runs the job undisturbed. Throws `undisturbed_run_failed` unless it completes, and passes its `verify`. */
  async learn(): Promise<void> {
    const disturbance = new Disturbance([], this.#upheavals)
    try {
      this.#undisturbed = await this.#try(disturbance, ({ run: { status, error } }) => {
        if (status === 'completed') return
        throw this.#failsUndisturbed(
          `comes to be ${status} when nothing disturbs it; expected completed` +
            (error ? `. Its error: ${error.message}` : ''),
        )
      })
    } catch (error) {
      if (!(error instanceof Unsound)) throw error
      throw this.#failsUndisturbed(`is not sound when nothing disturbs it: ${error.message}`)
    }
    this.points = disturbance.points
    this.objectPoints = disturbance.objectPoints
  }

  #failsUndisturbed(how: string): TestingError {
    return new TestingError('undisturbed_run_failed', `Job '${this.#job.name}' ${how}`)
  }

  /** Tries a schedule. What was wrong with the outcome; undefined when nothing was. */
  async attempt(schedule: FaultSchedule): Promise<Error | undefined> {
    const expected = this.#undisturbed
    if (!expected) throw new Error('the job was not run undisturbed yet; call learn first')
    const disturbance = new Disturbance(schedule, this.#upheavals)
    try {
      await this.#try(disturbance, (result) => compare(result, expected))
      if (disturbance.met < schedule.length) this.unmet.push(schedule)
      return undefined
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error))
    }
  }

  async #try(disturbance: Disturbance, judge: (result: TryResult) => void): Promise<TryResult> {
    const { given, params, commit = { everyItems: 2 } } = this.#experiment
    const bench = this.#bench
    const cleanUp = await given?.()
    const runs: string[] = []
    try {
      const settings = { idempotencyKey: this.#key, commit }
      const { id } = await withoutExpectedEvents(this.#key, async () => {
        this.#disturbance = disturbance
        return bench.start(this.#job, params, settings)
      })
      runs.push(id)
      await withoutExpectedEvents(id, () => this.#drive(id, disturbance))
      const run = await bench.view(id)
      await requireSound(bench, this.#job, run)
      const children = await this.#driveChildren(run, runs)
      const result = { run, children, state: await this.#experiment.then(run) }
      judge(result)
      return result
    } finally {
      this.#disturbance = undefined
      await this.#upheavals.end()
      for (const run of runs) await bench.remove(run)
      if (typeof cleanUp === 'function') await (cleanUp as () => unknown)()
      // Whatever time the objects last armed their alarms for is past when the next try begins.
      await bench.clock.advance('1 hour')
    }
  }

  /** Drives the run to its end, and again as long as something has befallen it since. */
  async #drive(run: string, disturbance: Disturbance): Promise<void> {
    for (let leases = 0; leases < MAX_LEASES;) {
      await this.#bench.drive(run, {
        slice: (message, deps) => disturbance.slice(message, deps),
      })
      await disturbance.settle()
      if (await this.#upheavals.sweep()) continue
      if (!(await isLeased(this.#bench, run))) break
      // Its end is known, and who was to close it has died.
      leases += 1
      await this.#bench.clock.advance('1 hour')
    }
    this.#disturbance = undefined
  }

  async #driveChildren(run: RunView, runs: string[]): Promise<string[]> {
    const statuses: string[] = []
    for (const id of run.children) {
      runs.push(id)
      const child = await this.#bench.drive(id)
      const job = this.#experiment.jobs?.find(({ name }) => name === child.job)
      await requireSound(this.#bench, job, child)
      statuses.push(`${child.job} ${child.status}`, ...(await this.#driveChildren(child, runs)))
    }
    return statuses
  }
}

function compare(found: TryResult, expected: TryResult): void {
  const { status, error } = found.run
  if (status !== expected.run.status) {
    throw new Error(
      `The run is ${status}; expected ${expected.run.status}` +
        (error ? `. Its error: ${error.message}` : ''),
    )
  }
  expect(found.children, 'the follow-up runs').toEqual(expected.children)
  expect(found.state, 'the final state that `then` read').toEqual(expected.state)
}
