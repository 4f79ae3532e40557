import { AsyncLocalStorage } from 'node:async_hooks'
import type { RunHost } from '../../durable-objects/run-host.ts'
import { bindingsOf } from '../engine/bindings.ts'

/** The D1 of whoever is calling an object just now. */
const caller = new AsyncLocalStorage<D1Database | undefined>()
const routed = new WeakSet<Cloudflare.Env>()

/**
 * Runs `work` on an object with another D1 than the Worker's. The Durable Objects of an isolate share one
 * `env`, so its database is replaced once, by one that looks who is calling; without `work`, that is nobody.
 */
export function withObjectsDatabase<T>(object: RunHost, db: D1Database, work: () => T): T {
  const { env } = object as unknown as { env: Cloudflare.Env }
  if (!routed.has(env)) {
    routed.add(env)
    const own = bindingsOf(env).db
    const bindings = env as unknown as Record<string, unknown>
    for (const name of Object.keys(bindings).filter((key) => bindings[key] === own)) {
      bindings[name] = router(own)
    }
  }
  return caller.run(db, work)
}

function router(real: D1Database): D1Database {
  return new Proxy(real, {
    get(target, property) {
      const db = caller.getStore() ?? target
      const value: unknown = Reflect.get(db, property)
      // Whoever asks what it is (`applyD1Migrations` does) gets D1's answer.
      if (typeof value !== 'function' || property === 'constructor') return value
      // `db` may have been made from this router, and must get to the real one.
      return (...args: unknown[]): unknown =>
        caller.run(undefined, () => Reflect.apply(value, db, args) as unknown)
    },
  })
}
