import { env } from 'cloudflare:workers'
import type { EngineEvent, EventType } from '../../src/engine/events.ts'
import {
  forkRun,
  redriveRun,
  redoFromStep,
  runObjects,
  type ForkOptions,
} from '../../src/engine/runs/index.ts'
import { Registry } from '../../src/engine/job/registry.ts'
import type { Job, RunView } from '../../src/engine/index.ts'
import type { StartOptions } from '../../src/engine/runs/start.ts'
import { appended, deliver, drain, start, view, type Overrides } from './drive.ts'

/** A run of a job made for one test, and what it told. */
export class RunOf {
  readonly id: string
  readonly events: EngineEvent[] = []
  #jobs: Registry

  constructor(id: string, jobs: Registry) {
    this.id = id
    this.#jobs = jobs
  }

  /** A deploy: from here on slices run this code. */
  deploy(...jobs: Job[]): void {
    this.#jobs = new Registry(jobs)
  }

  /** The code that slices run now. */
  get jobs(): Registry {
    return this.#jobs
  }

  /** One slice. */
  async slice(overrides: Overrides = {}): Promise<RunView> {
    await deliver(this.id, this.#with(overrides))
    return this.view()
  }

  /** Slices until the run stands still. */
  drain(overrides: Overrides = {}): Promise<RunView> {
    return drain(this.id, this.#with(overrides))
  }

  view(): Promise<RunView> {
    return view(this.id)
  }

  appended(): Promise<number[]> {
    return appended(this.id)
  }

  /** Events of one type, in order. */
  told<T extends EventType>(type: T): Extract<EngineEvent, { type: T }>[] {
    return this.events.filter(
      (event): event is Extract<EngineEvent, { type: T }> => event.type === type,
    )
  }

  #with(overrides: Overrides): Overrides {
    const onEvent = (event: EngineEvent) => void this.events.push(event)
    return { jobs: this.#jobs, onEvent, ...overrides }
  }
}

export async function runOf(
  job: Job,
  options: StartOptions = {},
  others: Job[] = [],
): Promise<RunOf> {
  return new RunOf(await start(job, options), new Registry([job, ...others]))
}

/** Starts the run of what a run has skipped; `created` is false for one that was there already. */
export async function redrive(job: Job, run: RunOf): Promise<{ created: boolean; child: RunOf }> {
  const answer = await redriveRun(runObjects(env), env.DB, job, await run.view())
  if (!answer.ok) throw new Error(answer.code)
  return { created: answer.created, child: new RunOf(answer.run.id, new Registry([job])) }
}

/** Starts a run that goes on from a commit of another one, or from before a step of it. */
export async function forked(
  job: Job,
  run: RunOf,
  { seq, step, ...options }: ForkOptions & { seq?: number; step?: string },
): Promise<RunOf> {
  const deps = { db: env.DB, objects: runObjects(env) }
  const shown = await run.view()
  const answer =
    step === undefined
      ? await forkRun(deps, job, shown, { ...options, seq: seq ?? 0 })
      : await redoFromStep(deps, job, shown, { ...options, step })
  if (!answer.ok) throw new Error(answer.code)
  return new RunOf(answer.run.id, new Registry([job]))
}
