import type * as miniflare from 'miniflare'

/** The object that vitest's runner lives in, by the plugin's names. */
const BINDING = '__VITEST_POOL_WORKERS_RUNNER_OBJECT'
const CLASS = '__VITEST_POOL_WORKERS_RUNNER_DURABLE_OBJECT__'
const workerOf = (project: string) => `vitest-plugin-runner-${project}`

const ADDRESS = 'http://runner.door/'

/**
 * Hands a request on to vitest's runner. The plugin asks for the runner by Miniflare's way for callers that
 * cannot wait, which starts a thread for each file of tests and stops all other work meanwhile: a seventh
 * of the processor time of a file's start.
 */
export const runnerDoor = (project: string) => ({
  name: 'runner-door',
  modules: true,
  compatibilityDate: '2026-11-01',
  script: `export default {
    fetch: (request, env) => env.RUNNER.get('singleton').fetch(request)
  }`,
  durableObjects: { RUNNER: { className: CLASS, scriptName: workerOf(project) } },
  routes: [`${ADDRESS}*`],
})

/** Lets the plugin find the runner through the door; should it ask in another way, that works as ever. */
export function openRunnerDoor({ Miniflare: { prototype } }: typeof miniflare): void {
  // oxlint-disable-next-line typescript/unbound-method -- called with its Miniflare below
  const { getDurableObjectNamespace } = prototype
  prototype.getDurableObjectNamespace = async function (name, worker) {
    if (name !== BINDING) return getDurableObjectNamespace.call(this, name, worker)
    const runner = { fetch: (_url: string, init: object) => this.dispatchFetch(ADDRESS, init) }
    return { get: () => runner } as never
  }
}
