import { evictDurableObject, runInDurableObject } from 'cloudflare:test'
import type { RunHost } from '../../durable-objects/run-host.ts'
import { bindingsOf, withoutQueue } from '../engine/bindings.ts'
import { laneObject } from '../engine/drive/lane-object.ts'
import type { RunObject, RunObjects, SliceMessage } from '../engine/drive/protocol.ts'
import { DogearError } from '../engine/errors.ts'
import type { RunView } from '../engine/run.ts'
import type { FaultyQueue } from './faulty-queue.ts'
import { routeMessages, stopRouting } from './message-routes.ts'
import { withObjectsDatabase } from './objects-database.ts'
import type { Alarms, TestClock } from './test-clock.ts'

/** What the objects of a bench do otherwise than the Worker's. */
export interface ObjectWays {
  /** D1 as the objects see it. */
  db: D1Database | undefined
  /** They have no queue. */
  withoutQueue: boolean
}

/** The real Durable Objects of a bench's runs, put on its clock and sending to its queue. */
export class BenchObjects implements Alarms {
  readonly #env: Cloudflare.Env
  readonly #clock: TestClock
  readonly #queue: FaultyQueue<SliceMessage>['binding']
  readonly #ways: ObjectWays
  readonly #runs = new Map<string, Promise<void>>()
  /** Messages of objects that have no queue. */
  readonly #ownSlices = new Map<string, SliceMessage>()
  /** The time at which each run's alarm rings, as last seen; undefined when somebody has called the object since. */
  readonly #alarms = new Map<string, number | undefined>()

  constructor(
    env: Cloudflare.Env,
    clock: TestClock,
    queue: FaultyQueue<SliceMessage>['binding'],
    ways: ObjectWays,
  ) {
    this.#env = env
    this.#clock = clock
    this.#queue = queue
    this.#ways = ways
  }

  /** A run's object. Whoever calls it may set its alarm. */
  readonly of: RunObjects = (run) =>
    new Proxy<RunObject>(this.#stub(run), {
      get: (target, property) => {
        const method = Reflect.get(target, property) as (...args: unknown[]) => Promise<unknown>
        return async (...args: unknown[]) => {
          await this.take(run)
          try {
            if (this.#ways.db) return await this.#callInside(run, property, args)
            return await Reflect.apply(method, target, args)
          } finally {
            if (this.#runs.has(run)) this.#alarms.set(run, undefined)
          }
        }
      },
    })

  /** A call that the object makes with a D1 of its own; arguments and answer are copies, as over RPC. */
  async #callInside(run: string, property: string | symbol, args: unknown[]): Promise<unknown> {
    const answer: unknown = await runInDurableObject(this.#stub(run), (object: RunHost) =>
      this.#with(object, () => {
        const method = Reflect.get(object, property) as (...args: unknown[]) => unknown
        return Reflect.apply(method, object, structuredClone(args))
      }),
    )
    return structuredClone(answer)
  }

  #with<T>(object: RunHost, work: () => T): T {
    const { db } = this.#ways
    return db ? withObjectsDatabase(object, db, work) : work()
  }

  /** The object is gone from memory; what it has stored stays. */
  async evict(run: string): Promise<void> {
    // It throws for an object that is not in memory, which is what was wanted.
    await evictDurableObject(this.#stub(run)).catch(() => undefined)
    this.#runs.delete(run)
    this.#alarms.set(run, undefined)
  }

  /** The object has lost all that it had stored, and its alarm. */
  async loseStorage(run: string): Promise<void> {
    // What it is still doing would go on with what it has in memory.
    await this.evict(run)
    await runInDurableObject(this.#stub(run), async (_object: RunHost, { storage }) => {
      await storage.deleteAlarm()
      await storage.deleteAll()
    })
    await this.evict(run)
  }

  /** Forgets a run that was removed. */
  forget(run: string): void {
    const isOf = (name: string) => name === run || name.startsWith(`${run}.`)
    for (const name of [...this.#runs.keys(), ...this.#alarms.keys()].filter(isOf)) {
      this.#runs.delete(name)
      this.#alarms.delete(name)
    }
    stopRouting(run)
  }

  /** Puts a run's object on this bench's clock and queue, once. */
  take(run: string): Promise<void> {
    this.#alarms.set(run, undefined)
    const taken = this.#runs.get(run)
    if (taken) return taken
    const taking = runInDurableObject(this.#stub(run), async (object: RunHost) => {
      object.clock = this.#clock
      // A slice's own listener hears what a test wants to hear.
      object.onEvent = () => {}
      // Its lanes are of this bench, too. Older code has none.
      object.objects = this.of
      routeMessages(object, run, this.#queue)
      // Here, and not among the calls that a test counts or lets fail. Code of before does not look at all.
      await (object as { ready?: RunHost['ready'] }).ready?.()
      object.ready = async () => {}
      // Messages are taken when the test says so. Older code knows nothing of that.
      const inbox = object.inbox as RunHost['inbox'] | undefined
      if (inbox) inbox.lastTaken = () => Promise.resolve(undefined)
      if (!this.#ways.withoutQueue) {
        // A lane's object would work its slices itself, and not when the test says so.
        if (run.includes('.') && inbox) inbox.workSlice = undefined
        return
      }
      object.inbox.workSlice = async (message) => void this.#ownSlices.set(run, message)
      const own = object as unknown as { env: Cloudflare.Env }
      if (bindingsOf(own.env).queue) own.env = withoutQueue(own.env)
    })
    this.#runs.set(run, taking)
    return taking
  }

  /**
   * A run and its alarm; in one call, since a test makes many of these. Without a queue also the message of the slice that
   * its next alarm is to work: it is the bench that works it, so an invocation can end there as anywhere.
   */
  async look(
    run: string,
  ): Promise<{ view: RunView; alarm: number | undefined; own?: SliceMessage | undefined }> {
    const seen = await runInDurableObject(this.#stub(run), async (object: RunHost, state) => {
      if (this.#ways.withoutQueue) await object.inbox.work()
      return {
        view: await this.#with(object, () => object.describe()),
        alarm: await state.storage.getAlarm(),
      }
    })
    this.#note(run, seen.alarm)
    const view = seen.view ?? missing(run)
    const own = this.#ownSlices.get(run)
    this.#ownSlices.delete(run)
    const found = { view, alarm: seen.alarm ?? undefined, own }
    for (const { lane, status } of view.lanes ?? []) {
      if (found.own) break
      const name = laneObject(run, lane)
      if (lane === 0 || status === 'completed') continue
      // It begins with the first order of the run's object.
      if ((await this.of(name).describe()) === null) continue
      const other = await this.look(name)
      found.own = other.own
      found.alarm = Math.min(found.alarm ?? Infinity, other.alarm ?? Infinity)
    }
    return found
  }

  /** A run without an alarm gets one only when somebody calls it. */
  #note(run: string, alarm: number | null): void {
    if (alarm === null) this.#alarms.delete(run)
    else this.#alarms.set(run, alarm)
  }

  async next(): Promise<number | null> {
    for (const [run, alarm] of this.#alarms) {
      if (alarm !== undefined) continue
      const found = await runInDurableObject(this.#stub(run), (_object: RunHost, state) =>
        state.storage.getAlarm(),
      )
      this.#note(run, found)
    }
    const times = [...this.#alarms.values()].filter((alarm) => alarm !== undefined)
    return times.length === 0 ? null : Math.min(...times)
  }

  async ring(): Promise<void> {
    for (const [run, due] of this.#alarms) {
      if (due !== undefined && due > this.#clock.now()) continue
      const next = await runInDurableObject(this.#stub(run), async (object: RunHost, state) => {
        const alarm = await state.storage.getAlarm()
        if (alarm === null || alarm > this.#clock.now()) return alarm
        // An object that was evicted meanwhile is on the machine's clock again.
        object.clock = this.#clock
        await this.#with(object, () => object.alarm())
        return state.storage.getAlarm()
      })
      this.#note(run, next)
    }
  }

  #stub(run: string): DurableObjectStub<RunHost> {
    return bindingsOf(this.#env).runs.getByName(run) as unknown as DurableObjectStub<RunHost>
  }
}

export function missing(run: string): never {
  throw new DogearError('unknown_run', `There is no run ${run}`)
}
