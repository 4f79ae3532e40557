import { env as workerEnv } from 'cloudflare:workers'
import type { RunHost } from '../../durable-objects/run-host.ts'
import { bindingsOf } from '../engine/bindings.ts'
import { laneObject } from '../engine/drive/lane-object.ts'
import type { RunObjects, SliceMessage } from '../engine/drive/protocol.ts'
import { DogearError } from '../engine/errors.ts'
import type { LogLine } from '../engine/events.ts'
import type { Job } from '../engine/job/job.ts'
import { Registry } from '../engine/job/registry.ts'
import type { RunView } from '../engine/run.ts'
import { verifyRun, type Verification } from '../engine/runs/verify-run.ts'
import { type StartOptions, startRun } from '../engine/runs/start.ts'
import { workerDeps } from '../engine/slice/consumer.ts'
import type { SliceDeps } from '../engine/slice/deps.ts'
import { runSlice } from '../engine/slice/slice.ts'
import { StatementBudget, STATEMENTS_PER_INVOCATION } from '../engine/store/d1/metered-database.ts'
import { BenchObjects, missing } from './bench-objects.ts'
import { TestingError } from './errors.ts'
import { FaultyQueue } from './faulty-queue.ts'
import { Simulator, type SimulatorSettings } from './simulator/index.ts'
import { TestClock } from './test-clock.ts'

/** Params of a run that is started; what the job's schema fills in may be left out. */
export type ParamsOf<P> = Partial<NoInfer<P>>

/** Settings of a run that is started, besides its params. */
export type StartSettings = Omit<StartOptions, 'params'>

/** A run by its id, or by a view of it. */
export type RunRef = string | Pick<RunView, 'id'>

export interface BenchOptions {
  /** @default the Worker's own, from `cloudflare:workers` */
  env?: Cloudflare.Env
  /** Jobs that runs may name besides those that are started: follow-ups. */
  jobs?: readonly Job[]
  clock?: TestClock
  /** The queue for the runs' messages. @default a queue without faults */
  queue?: FaultyQueue<SliceMessage>
  /**
   * Runs go on as in a Worker without a queue: each run's object works its slices from its alarm.
   * @default true where the Worker has none
   */
  withoutQueue?: boolean
  /**
   * D1 as the runs' Durable Objects see it: for what they write themselves, such as a run's rows, a cancel,
   * or what lists show. @default the Worker's own, without faults
   */
  objectsDb?: D1Database
  /** Each slice works in simulated production, an invocation of its own. Objects have D1 as near as ever. */
  simulate?: SimulatorSettings
}

/** Options of driving a run. */
export interface DriveOptions {
  /** Replaces parts of what a slice works with. */
  deps?: Partial<SliceDeps>
  /** Works one message instead of a plain slice. */
  slice?: (message: SliceMessage, deps: SliceDeps) => Promise<void>
  /** Asked after each slice: whether to leave it at that. */
  until?: () => boolean
}

/** More slices and alarms than any run of a test needs. */
const MAX_TURNS = 2_000

/**
 * A place to drive runs by hand: real D1, Durable Objects and R2; the queue's messages are delivered
 * when the test says so, and time is a `TestClock`. Made by `testBench`.
 */
export class TestBench {
  readonly env: Cloudflare.Env
  readonly clock: TestClock
  readonly queue: FaultyQueue<SliceMessage>
  readonly #jobs = new Map<string, Job>()
  readonly #objects: BenchObjects
  readonly #slice: typeof runSlice

  constructor(options: BenchOptions = {}) {
    const { env = workerEnv, jobs = [], clock, queue, objectsDb, simulate } = options
    const { withoutQueue = bindingsOf(env).queue === undefined } = options
    this.env = env
    this.clock = clock ?? new TestClock()
    this.queue = queue ?? new FaultyQueue()
    for (const job of jobs) this.#jobs.set(job.name, job)
    this.#objects = new BenchObjects(this.env, this.clock, this.queue.binding, {
      db: objectsDb,
      withoutQueue,
    })
    this.clock.drive(this.#objects)
    this.#slice = simulate ? new Simulator(simulate, this.clock).slice : runSlice
  }

  /** The Durable Objects of this bench's runs: on its clock, and sending to its queue. */
  get objects(): RunObjects {
    return this.#objects.of
  }

  /** Starts a run and does not work on it yet. Throws what a start throws (`invalid_params`, ...). */
  async start<P>(
    job: Job<P>,
    params?: ParamsOf<P>,
    settings: StartSettings = {},
  ): Promise<RunView> {
    this.#jobs.set(job.name, job)
    const created = await startRun(this.objects, job, { ...settings, params })
    if (!created.ok) {
      throw new DogearError(created.code, `A run with this key exists and has other params`)
    }
    return created.run
  }

  /** Starts a run and drives it to rest: ended, paused or held. Follow-up runs are left waiting. */
  async runInline<P>(
    job: Job<P>,
    params?: ParamsOf<P>,
    settings: StartSettings = {},
  ): Promise<RunView> {
    return this.drive(await this.start(job, params, settings))
  }

  /** Works the message that the run has waiting: one slice. Throws `nothing_to_deliver` when there is none. */
  async deliver(run: RunRef, options: DriveOptions = {}): Promise<RunView> {
    const id = idOf(run)
    await this.#objects.take(id)
    const message = this.#received(id) ?? (await this.#objects.look(id)).own
    if (!message) {
      const { status, resumeAt } = await this.view(id)
      throw new TestingError(
        'nothing_to_deliver',
        `Run ${id} has no message waiting; it is ${status}${resumeAt ? ` until ${resumeAt}` : ''}`,
      )
    }
    await this.#work(message, options)
    return this.view(id)
  }

  /**
   * Works this message, whatever the queue has: one of the past, say, or one that comes twice. A slice that it is not
   * for does nothing.
   */
  async redeliver(message: SliceMessage, options: DriveOptions = {}): Promise<RunView> {
    await this.#objects.take(laneObject(message.run, message.lane))
    await this.#work(message, options)
    return this.view(message.run)
  }

  /**
   * Drives a run until it is at rest: ended, paused or held. Where nothing is left to deliver, the
   * clock moves on to the run's next alarm. Throws `never_at_rest` when that takes for ever.
   */
  async drive(run: RunRef, options: DriveOptions = {}): Promise<RunView> {
    const id = idOf(run)
    await this.#objects.take(id)
    for (let turns = 0; turns < MAX_TURNS; turns++) {
      const received = this.#received(id)
      if (received) {
        if (await this.#isLast(received, options)) return this.view(id)
        continue
      }
      const { own, view, alarm } = await this.#objects.look(id)
      if (own) {
        if (await this.#isLast(own, options)) return this.view(id)
        continue
      }
      if (view.finishedAt !== undefined || view.status === 'paused' || view.held) return view
      if (alarm === undefined || alarm === Infinity) break
      await this.clock.advanceTo(alarm)
      this.queue.land()
    }
    const { status, slices } = await this.view(id)
    throw new TestingError(
      'never_at_rest',
      `Run ${id} is ${status} after ${slices} slices, and not at rest; expected it to end, to pause or to be held`,
    )
  }

  /** The run as the API shows it. */
  async view(run: RunRef): Promise<RunView> {
    const id = idOf(run)
    return (await this.objects(id).describe()) ?? missing(id)
  }

  /** The lines that the run's job has written by `run.log`, as far as they are kept, the oldest first. */
  async logs(run: RunRef): Promise<LogLine[]> {
    const { lines } = await this.objects(idOf(run)).logs({ limit: Infinity })
    return lines.toReversed()
  }

  /** The proof that a run did everything exactly once, its job's own checks first. */
  async verify(run: RunRef): Promise<Verification> {
    const view = await this.view(run)
    const slices = await this.objects(view.id).slices()
    return verifyRun(this.env, this.#jobs.get(view.job), view, slices)
  }

  /** Dependencies of a slice of this bench. */
  deps(changes: Partial<SliceDeps> = {}): SliceDeps {
    return {
      ...workerDeps(this.env, this.registry()),
      objects: this.objects,
      clock: this.clock,
      statements: new StatementBudget(STATEMENTS_PER_INVOCATION),
      ...changes,
    }
  }

  /** The jobs of this bench, with some of them replaced. */
  registry(...replaced: Job[]): Registry {
    const jobs = new Map(this.#jobs)
    for (const job of replaced) jobs.set(job.name, job)
    return new Registry([...jobs.values()])
  }

  /** The run's Durable Object leaves the memory; what it has stored stays. Its next call starts it again. */
  evict(run: RunRef): Promise<void> {
    return this.#objects.evict(idOf(run))
  }

  /**
   * The run's Durable Object loses all that it has stored. Nothing drives the run then until the sweep
   * finds it: `bench.objects(run.id).poke(run.id)`.
   */
  loseStorage(run: RunRef): Promise<void> {
    return this.#objects.loseStorage(idOf(run))
  }

  /** Removes a run, with all its rows and its Durable Object's storage. */
  async remove(run: RunRef): Promise<void> {
    const id = idOf(run)
    await (this.objects(id) as unknown as RunHost).erase(id)
    while (this.queue.receive((body) => body.run === id));
    this.#objects.forget(id)
  }

  /** Works a message; true when the run is to be left at that. */
  async #isLast(message: SliceMessage, options: DriveOptions): Promise<boolean> {
    await this.#work(message, options)
    return options.until?.() ?? false
  }

  #received(run: string): SliceMessage | undefined {
    return this.queue.receive((body) => body.run === run)
  }

  async #work(message: SliceMessage, { deps, slice = this.#slice }: DriveOptions): Promise<void> {
    await slice(message, this.deps(deps))
  }
}

/**
 * A bench of its own: with follow-up jobs, another `env`, a queue that fails. The functions of this
 * package that take no bench share one.
 */
export function testBench(options: BenchOptions = {}): TestBench {
  return new TestBench(options)
}

export function idOf(run: RunRef): string {
  return typeof run === 'string' ? run : run.id
}
