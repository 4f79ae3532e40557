import { env } from 'cloudflare:workers'
import type { RunObject, RunObjects, SliceMessage } from '../../src/engine/drive/protocol.ts'
import type { RunView } from '../../src/engine/index.ts'
import type { SliceDeps } from '../../src/engine/slice/deps.ts'
import {
  type CallFault,
  type CallPlan,
  type DriveOptions,
  Invocation,
  type SliceCall,
  type StartSettings,
  testBench,
} from '../../src/testing/index.ts'
import { deployed } from '../support/object-code.ts'
import { type Version, VERSIONS } from './versions.ts'

type JobName = keyof (typeof VERSIONS)['today']['jobs']

/** A commit with effects, whatever its version's guard looks like. */
export const isAppend = ({ d1 }: SliceCall): boolean =>
  d1?.sql.some((text) => text.includes('INTO appended')) === true

/** Runs whose objects are of one version and whose slices are of another. Either may change while they work. */
export class World {
  readonly bench = testBench({
    env: { ...env, RUNS: env.RUNS_OF_ANY_CODE },
    jobs: Object.values(VERSIONS.today.jobs),
  })
  slices: Version

  constructor({ objects, slices }: { objects: Version; slices: Version }) {
    this.slices = slices
    deployed.objects = VERSIONS[objects].RunHost
  }

  /** Starts a run as the Worker of the slices does. */
  async start(name: JobName, params: object = {}, settings: StartSettings = {}): Promise<string> {
    const { startRun, jobs } = VERSIONS[this.slices]
    const commit = { everyItems: 1 }
    const started = await startRun(this.bench.objects, jobs[name], { commit, ...settings, params })
    if (!started.ok) throw new Error(started.code)
    return started.run.id
  }

  /** A slice of the version that is deployed. */
  readonly slice = (message: SliceMessage, deps: SliceDeps): Promise<void> => {
    const { runSlice, registry, StatementBudget, codeVersion } = VERSIONS[this.slices]
    const own = { jobs: registry, statements: new StatementBudget(1_000), codeVersion }
    return runSlice(message, { ...deps, ...own })
  }

  /** Works the run until it is at rest. */
  drive(run: string, options: DriveOptions = {}): Promise<RunView> {
    return this.bench.drive(run, { slice: this.slice, ...options })
  }

  /** Such slices, of which each call goes by the plan. */
  sliceBy(plan: CallPlan): NonNullable<DriveOptions['slice']> {
    return async (message, deps) => {
      const { env: seen, objects, died } = new Invocation(deps, plan)
      await Promise.race([this.slice(message, { ...deps, env: seen, objects }), died])
    }
  }

  /** Works one slice, and kills it at the nth call that is meant. */
  async kill(
    run: string,
    fault: CallFault,
    isMeant: (call: SliceCall) => boolean,
    nth = 1,
  ): Promise<void> {
    let calls = 0
    const slice = this.sliceBy((call) => (isMeant(call) && ++calls === nth ? fault : undefined))
    await this.drive(run, { slice, until: () => true })
    if (calls < nth) throw new Error(`The slice was not killed: it made ${calls} such calls`)
  }

  /** Works one slice; something happens just before its nth commit with effects. */
  during(run: string, nth: number, happens: () => Promise<unknown>): Promise<RunView> {
    let calls = 0
    const slice = this.sliceBy(async (call) => {
      if (!isAppend(call) || ++calls !== nth) return undefined
      await happens()
      // Slices report now and then only.
      await this.bench.clock.advance(200)
      return undefined
    })
    return this.drive(run, { slice, until: () => true })
  }

  /** The run's object gets other code: it leaves the memory, and starts again over what it has stored. */
  async changeObject(run: string, to: Version): Promise<void> {
    deployed.objects = VERSIONS[to].RunHost
    await this.bench.evict(run)
    await this.bench.objects(run).slices()
  }

  /** Objects of which the run's gets other code just before the nth call to it. */
  changingAt(nth: number, to: Version): { objects: RunObjects; calls: () => number } {
    let calls = 0
    const objects: RunObjects = (run) =>
      new Proxy({} as RunObject, {
        get: (_target, name) => {
          return async (...args: unknown[]) => {
            if (++calls === nth) await this.changeObject(run, to)
            const object = this.bench.objects(run)
            const call = Reflect.get(object, name) as (...all: unknown[]) => Promise<unknown>
            return Reflect.apply(call, object, args)
          }
        },
      })
    return { objects, calls: () => calls }
  }
}
