import { bindingsOf, namedAs, withDatabase } from '../engine/bindings.ts'
import type { RunObject, RunObjects } from '../engine/drive/protocol.ts'
import { NETWORK_ERROR } from './faulty-database.ts'
import { interceptedDatabase } from './intercepted-database.ts'
import { STATEMENTS_SPENT } from './limited-database.ts'
import { d1SliceCall, objectSliceCall, type SliceCall } from './slice-call.ts'

/**
 * The fate of one call of an invocation, or of the invocation at that call:
 * - `dies_before`: the process is killed; the call was never made.
 * - `dies_after`: the process is killed; the call has happened, and nobody heard the answer.
 * - `lost_answer`, `never_lands`: the caller gets a network error, and the call has happened, or not.
 * - `late`: the caller gets a network error; the call happens when `land()` is called.
 * - `spent`: the invocation has used up its D1 statements; this call and all later ones are refused, and
 *   the plan is not asked about those.
 */
export type CallFault =
  | 'dies_before'
  | 'dies_after'
  | 'lost_answer'
  | 'never_lands'
  | 'late'
  | 'spent'

/** Decides what goes wrong. May wait before it does: the invocation stands still meanwhile. */
export type CallPlan = (call: SliceCall) => CallFault | undefined | Promise<CallFault | undefined>

const never = new Promise<never>(() => undefined)

/**
 * The world of one Worker invocation, which can end at any of its calls. Calls are made one after the
 * other, in the order in which they were begun, so that the same plan always finds the same calls. Once
 * dead, it touches nothing any more: every binding of `env` stays silent.
 */
export class Invocation {
  readonly env: Cloudflare.Env
  readonly objects: RunObjects
  /** Resolves when the invocation is dead, and what it sent last has arrived. */
  readonly died: Promise<void>
  #dead = false
  #spent = false
  readonly #die: () => void
  readonly #plan: CallPlan
  readonly #late: (() => Promise<unknown>)[] = []
  #turn: Promise<unknown> = Promise.resolve()

  constructor(world: { env: Cloudflare.Env; objects: RunObjects }, plan: CallPlan) {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.died = promise
    this.#die = resolve
    this.#plan = plan
    const db = interceptedDatabase(bindingsOf(world.env).db, (call, work) =>
      this.#call(d1SliceCall(call), work),
    )
    const bindings = new Map<string | symbol, unknown>()
    const env = new Proxy(withDatabase(world.env, db), {
      get: (target, name) => {
        const known = bindings.get(name)
        if (known !== undefined) return known
        const own: unknown = Reflect.get(target, name)
        const binding = own === db ? db : this.#mortal(own)
        bindings.set(name, binding)
        return binding
      },
    })
    this.env = namedAs(env, world.env)
    this.objects = (run) => this.#object(world.objects(run), run)
  }

  /** Lets every late call happen now; its answer goes to nobody. */
  async land(): Promise<void> {
    await Promise.allSettled(this.#late.splice(0).map((call) => call()))
  }

  #object(object: RunObject, run: string): RunObject {
    return new Proxy(object, {
      get: (target, property) => {
        const method = Reflect.get(target, property) as (...args: unknown[]) => Promise<unknown>
        return (...args: unknown[]) =>
          this.#call(objectSliceCall(run, property as keyof RunObject), () =>
            Reflect.apply(method, target, args),
          )
      },
    })
  }

  /** A binding that hears nothing from the dead. */
  #mortal(binding: unknown): unknown {
    if (typeof binding !== 'object' || binding === null) return binding
    return new Proxy(binding, {
      get: (target, property) => {
        const value: unknown = Reflect.get(target, property)
        if (typeof value !== 'function') return value
        return (...args: unknown[]): unknown =>
          this.#dead ? never : Reflect.apply(value, target, args)
      },
    })
  }

  #call(call: SliceCall, work: () => Promise<unknown>): Promise<unknown> {
    const answer = this.#turn.then(() => (this.#dead ? never : this.#meet(call, work)))
    this.#turn = answer.catch(() => undefined)
    return answer
  }

  async #meet(call: SliceCall, work: () => Promise<unknown>): Promise<unknown> {
    const fault = this.#spent && call.d1 ? 'spent' : await this.#plan(call)
    switch (fault) {
      case undefined:
        return work()
      case 'dies_before':
        return this.#end()
      case 'dies_after':
        this.#dead = true
        await work().catch(() => undefined)
        return this.#end()
      case 'lost_answer':
        await work()
        break
      case 'never_lands':
        break
      case 'late':
        this.#late.push(work)
        break
      case 'spent':
        this.#spent = true
        throw new Error(STATEMENTS_SPENT)
    }
    throw new Error(call.d1 ? NETWORK_ERROR : 'Network connection lost.')
  }

  #end(): Promise<never> {
    this.#dead = true
    this.#die()
    return never
  }
}
