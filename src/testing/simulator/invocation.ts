import { namedAs } from '../../engine/bindings.ts'
import type { Clock } from '../../engine/clock.ts'
import type { RunObjects } from '../../engine/drive/protocol.ts'
import { runObjects } from '../../engine/drive/run-objects.ts'
import { interceptedDatabase } from '../intercepted-database.ts'
import { STATEMENTS_SPENT } from '../limited-database.ts'
import { type BindingKind, intercepted, kindOf } from './bindings.ts'
import { Connections } from './connections.ts'
import { type CpuLimit, Life } from './cpu-limit.ts'
import type { D1Troubles } from './d1-trouble.ts'
import type { Distance } from './distance.ts'
import { distantBucket } from './distant-bucket.ts'
import { type Call, distantObjects, distantStub } from './distant-objects.ts'
import { distantQueue } from './distant-queue.ts'
import { FrozenClock } from './frozen-clock.ts'
import type { Passage } from './passage.ts'

/** What the invocations of a simulator share. */
export interface SharedWorld {
  clock: Clock
  frozen: boolean
  passage: Passage
  distances: Readonly<Record<Exclude<BindingKind, 'kv'>, Distance>>
  troubles: D1Troubles
}

/** What an invocation may use up. */
export interface Limits {
  statements: number
  connections: number
  cpu: CpuLimit
}

/** Keeps an invocation alive until `work` is over, as `ctx.waitUntil` does. */
export type WaitUntil = (work: Promise<unknown>) => void

/** One invocation of a Worker in simulated production. Made by `Simulator.invocation`. */
export class SimulatedInvocation<Env extends object = Cloudflare.Env> {
  /** The Worker's bindings, some way off. */
  readonly env: Env
  /** Stands still between I/O, if that is simulated. */
  readonly clock: Clock
  readonly life: Life
  readonly #shared: SharedWorld
  readonly #waitUntil: WaitUntil
  /** As D1's and Workers' pages of limits have it: six to D1, six to all that is listed; calls of objects are not. */
  readonly #connections: { d1: Connections; others: Connections }
  #statements: number

  constructor(env: Env, shared: SharedWorld, limits: Limits, waitUntil: WaitUntil = () => {}) {
    this.#shared = shared
    this.#waitUntil = waitUntil
    this.#statements = limits.statements
    const connections = () => new Connections(limits.connections)
    this.#connections = { d1: connections(), others: connections() }
    this.life = new Life(limits.cpu)
    this.clock = shared.frozen ? new FrozenClock(shared.clock) : shared.clock
    const bindings = Object.entries(env).map(([name, own]) => [name, this.#simulated(own)] as const)
    this.env = namedAs(Object.fromEntries(bindings) as Env, env)
  }

  /** Resolves when the invocation is gone, by its CPU limit. */
  get died(): Promise<void> {
    return this.life.ended
  }

  /** The objects of runs, as this invocation calls them. */
  get objects(): RunObjects {
    return runObjects(this.env)
  }

  /** Other objects, as far away. */
  distant(objects: RunObjects): RunObjects {
    return (run) => distantStub(objects(run), this.#toObjects)
  }

  #simulated(binding: unknown): unknown {
    const { distances, passage } = this.#shared
    const kind = kindOf(binding)
    switch (kind) {
      case undefined:
        return binding
      case 'd1':
        return this.#distantD1(binding as D1Database)
      case 'objects':
        return distantObjects(binding as object, this.#toObjects)
      case 'r2':
        return distantBucket(binding as object, (work) =>
          this.#answered(() =>
            this.#connected(() => distances.r2.call(() => passage.answer(work))),
          ),
        )
      case 'kv':
        return intercepted(binding as object, (_name, work) =>
          this.#answered(() => this.#connected(() => passage.answer(async () => work()))),
        )
      case 'queue':
        return distantQueue(binding as object, (send) =>
          this.#answered(async () => {
            const hop = distances.queue.oneWay()
            this.#waitUntil(hop.then(() => this.#connected(async () => send())))
          }),
        )
    }
  }

  #distantD1(db: D1Database): D1Database {
    const { distances, passage, troubles } = this.#shared
    return interceptedDatabase(db, (call, work) => {
      this.life.countD1Call()
      return this.#answered(() => {
        this.#statements -= call.sql.length
        if (this.#statements < 0) throw new Error(STATEMENTS_SPENT)
        const there = async () => {
          await troubles.meet(call)
          return passage.answer(work)
        }
        return this.#connections.d1.with(() => distances.d1.call(there))
      })
    })
  }

  readonly #toObjects: Call = (work) =>
    this.#answered(() => {
      const { distances, passage } = this.#shared
      return distances.objects.call(() => passage.answer(work))
    })

  #connected<T>(work: () => Promise<T>): Promise<T> {
    return this.#connections.others.with(work)
  }

  /** Nothing is answered to the dead; to others time goes on with each answer. */
  #answered<T>(work: () => Promise<T>): Promise<T> {
    return this.life.call(async () => {
      try {
        return await work()
      } finally {
        if (this.clock instanceof FrozenClock) this.clock.goOn()
      }
    })
  }
}
