import { expect } from 'vitest'
import type { CommitPolicy } from '../engine/commit-policy.ts'
import type { Job } from '../engine/job.ts'
import { verifyLedger } from '../engine/ledger.ts'
import type { RunView } from '../engine/run.ts'
import { testBench, type ParamsOf, type TestBench } from './bench.ts'
import { Disturbance } from './disturbance.ts'
import { TestingError } from './errors.ts'
import { withoutExpectedEvents } from './expected-events.ts'
import type { Point, Schedule } from './schedule.ts'

/** What a job is tried with, and how its outcome is read. */
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
  /** Small commits make many points. @default { everyItems: 2 } */
  commit?: CommitPolicy
}

/** How one try ended. */
interface Ending {
  run: RunView
  state: unknown
  /** The statuses of all follow-up runs, in the order of their start. */
  children: string[]
}

/** Tries one job under one schedule after another, and compares how each try ends with how the undisturbed one did. */
export class Exploration<P> {
  /** The calls of the undisturbed run, in order. */
  points: readonly Point[] = []
  /** Schedules of which some fault never came up, because the run did not get to its point. */
  readonly unmet: Schedule[] = []
  readonly #job: Job<P>
  readonly #experiment: Experiment<P>
  readonly #bench: TestBench
  // One id for all tries, so that it may be part of the state; no other exploration has it.
  readonly #key = crypto.randomUUID()
  #undisturbed: Ending | undefined

  constructor(job: Job<P>, experiment: Experiment<P>) {
    this.#job = job
    this.#experiment = experiment
    this.#bench = testBench({
      jobs: experiment.jobs ?? [],
      ...(experiment.env && { env: experiment.env }),
    })
  }

  /** What `then` returned for the undisturbed run. */
  get state(): unknown {
    return this.#undisturbed?.state
  }

  /** Runs the job undisturbed. Throws `undisturbed_run_failed` unless it completes. */
  async learn(): Promise<void> {
    const disturbance = new Disturbance([])
    this.#undisturbed = await this.#try(disturbance, (ending) => {
      const { status, error } = ending.run
      if (status === 'completed') return
      throw new TestingError(
        'undisturbed_run_failed',
        `Job '${this.#job.name}' comes to be ${status} when nothing disturbs it; expected completed` +
          (error ? `. Its error: ${error.message}` : ''),
      )
    })
    this.points = disturbance.points
  }

  /** Tries a schedule. What was wrong with the outcome; undefined when nothing was. */
  async attempt(schedule: Schedule): Promise<Error | undefined> {
    const expected = this.#undisturbed
    if (!expected) throw new Error('the job was not run undisturbed yet; call learn first')
    const disturbance = new Disturbance(schedule)
    try {
      await this.#try(disturbance, (ending) => compare(ending, expected))
      if (disturbance.met < schedule.length) this.unmet.push(schedule)
      return undefined
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error))
    }
  }

  async #try(disturbance: Disturbance, judge: (ending: Ending) => void): Promise<Ending> {
    const { given, params, commit = { everyItems: 2 } } = this.#experiment
    const bench = this.#bench
    const cleanUp = await given?.()
    const runs: string[] = []
    try {
      const { id } = await bench.start(this.#job, params, { idempotencyKey: this.#key, commit })
      runs.push(id)
      await withoutExpectedEvents(id, async () => {
        await bench.drive(id, { slice: (message, deps) => disturbance.slice(message, deps) })
        await disturbance.settle()
      })
      const [run] = await Promise.all([bench.view(id), this.#requireSound(id)])
      const children = await this.#driveChildren(run, runs)
      const ending = { run, children, state: await this.#experiment.then(run) }
      judge(ending)
      return ending
    } finally {
      for (const run of runs) await bench.remove(run)
      if (typeof cleanUp === 'function') await (cleanUp as () => unknown)()
      // Whatever time the objects last armed their alarms for is past when the next try begins.
      await bench.clock.advance('1 hour')
    }
  }

  async #driveChildren(run: RunView, runs: string[]): Promise<string[]> {
    const statuses: string[] = []
    for (const id of run.children) {
      runs.push(id)
      const child = await this.#bench.drive(id)
      statuses.push(`${child.job} ${child.status}`, ...(await this.#driveChildren(child, runs)))
    }
    return statuses
  }

  /** The engine's own promises: the ledger proves the run, and nobody holds its lease. */
  async #requireSound(run: string): Promise<void> {
    const [checks, slices] = await Promise.all([
      verifyLedger(this.#bench.env.DB, run),
      this.#bench.objects(run).slices(),
    ])
    const broken = checks.filter(({ ok }) => !ok)
    const problems = broken.map(
      ({ name, expected, actual }) =>
        `${name}: found ${JSON.stringify(actual)}, expected ${JSON.stringify(expected)}`,
    )
    if (slices.some(({ outcome }) => outcome === 'running')) problems.push('The lease is not free')
    if (problems.length > 0) throw new Error(problems.join('; '))
  }
}

function compare(found: Ending, expected: Ending): void {
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
