import type { Clock } from '../../engine/clock.ts'
import type { RunObjects } from '../../engine/drive/protocol.ts'
import { runObjects } from '../../engine/drive/run-objects.ts'
import { interceptedDatabase } from '../intercepted-database.ts'
import { type BindingKind, kindOf } from './bindings.ts'
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
  distances: Readonly<Record<BindingKind, Distance>>
}

/** Keeps an invocation alive until `work` is over, as `ctx.waitUntil` does. */
export type WaitUntil = (work: Promise<unknown>) => void

/** One invocation of a Worker in simulated production. Made by `Simulator.invocation`. */
export class SimulatedInvocation<Env extends object = Cloudflare.Env> {
  /** The Worker's bindings, some way off. */
  readonly env: Env
  /** Stands still between I/O, if that is simulated. */
  readonly clock: Clock
  readonly #shared: SharedWorld
  readonly #waitUntil: WaitUntil

  constructor(env: Env, shared: SharedWorld, waitUntil: WaitUntil = () => {}) {
    this.#shared = shared
    this.#waitUntil = waitUntil
    this.clock = shared.frozen ? new FrozenClock(shared.clock) : shared.clock
    this.env = Object.fromEntries(
      Object.entries(env).map(([name, binding]) => [name, this.#simulated(binding)]),
    ) as Env
  }

  /** The objects of runs, as this invocation calls them. */
  get objects(): RunObjects {
    return runObjects(this.env)
  }

  /** Other objects, as far away. */
  distant(objects: RunObjects): RunObjects {
    return (run) => distantStub(objects(run), this.#to('objects'))
  }

  #simulated(binding: unknown): unknown {
    const kind = kindOf(binding)
    switch (kind) {
      case undefined:
        return binding
      case 'd1': {
        const call = this.#to(kind)
        return interceptedDatabase(binding as D1Database, (_call, work) => call(work))
      }
      case 'objects':
        return distantObjects(binding as object, this.#to(kind))
      case 'r2':
        return distantBucket(binding as object, this.#to(kind))
      case 'queue': {
        const hop = () => this.#shared.distances.queue.oneWay()
        return distantQueue(binding as object, hop, this.#waitUntil)
      }
    }
  }

  #to(kind: BindingKind): Call {
    const { passage, distances } = this.#shared
    return async (work) => {
      try {
        return await distances[kind].call(() => passage.answer(work))
      } finally {
        if (this.clock instanceof FrozenClock) this.clock.goOn()
      }
    }
  }
}
