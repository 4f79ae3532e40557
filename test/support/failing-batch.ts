import { env } from 'cloudflare:workers'
import { nth } from '../../src/testing/d1-calls.ts'
import { FaultyDatabase, NETWORK_ERROR } from '../../src/testing/faulty-database.ts'

/** A D1 whose nth batch (from 1) fails with `message` and is not run. */
export function failingBatch(n: number, message: string = NETWORK_ERROR): D1Database {
  const fails = nth(n, ({ kind }) => kind === 'batch')
  return new FaultyDatabase(env.DB, (call) => {
    if (fails(call)) throw new Error(message)
    return undefined
  }).binding
}
