import { describeValue } from '../errors.ts'

const HOOKS = [
  'onStart',
  'onResume',
  'onShutdown',
  'onComplete',
  'onCancel',
  'continuations',
  'verify',
  'aroundIterate',
]

/** A problem of a job's functions, first of those that it must have; undefined when there is none. */
export function functionsProblem(definition: object, names: string[]): string | undefined {
  const parts = definition as Record<string, unknown>
  const missing = names.find((name) => typeof parts[name] !== 'function')
  if (missing !== undefined) {
    return `it must implement ${missing}, found ${describeValue(parts[missing])}`
  }
  for (const name of ['perform', 'eachIteration', ...HOOKS]) {
    const found = parts[name]
    if (found === undefined) continue
    const problem = handlerProblem(found)
    if (problem !== undefined) return `${name} is ${problem}`
  }
  return undefined
}

/**
 * A problem of a function that is to do some work. To call a generator runs nothing of its body: its
 * work would be taken for done.
 */
export function handlerProblem(found: unknown): string | undefined {
  if (typeof found !== 'function') return `${describeValue(found)}; expected a function`
  const isGenerator = Object.prototype.toString.call(found).endsWith('GeneratorFunction]')
  return isGenerator ? 'a generator; expected a plain or an async function' : undefined
}
