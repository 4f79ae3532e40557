import { intercepted } from './bindings.ts'

/** Makes a call to a binding that is some way off. */
export type Call = <T>(work: () => Promise<T>) => Promise<T>

/** Stubs that are made at once, and called from afar. */
const STUBS = new Set(['get', 'getByName'])

/**
 * A Durable Object namespace whose objects are some way off: every method of a stub goes through `call`, and
 * `fetch` too. An answer is a plain promise: nothing can be called on it before it is there.
 */
export function distantObjects<T extends object>(namespace: T, call: Call): T {
  return intercepted(namespace, (name, work) => {
    const made = work()
    if (name === 'jurisdiction') return distantObjects(made as object, call)
    return STUBS.has(name) ? distantStub(made as object, call) : made
  })
}

/** One object, or what stands for it. */
export function distantStub<T extends object>(stub: T, call: Call): T {
  return intercepted(stub, (_name, work) => call(async () => work()))
}
