import { env } from 'cloudflare:workers'
import type { FetchedModule } from './warm-modules-server.ts'

/**
 * Gives the module runner what `WarmModules` has ready, and says of a module that it has already that it
 * has it. All else it asks for as ever.
 */
const { transport } = runner() ?? {}
if (transport && !isWarm(transport)) {
  const answer = await env.WARM_MODULES.fetch('http://modules/')
  const modules = new Map(await answer.json<[url: string, module: FetchedModule][]>())
  const ask = transport.invoke.bind(transport)
  transport.invoke = async (name, data) => {
    if (name !== 'fetchModule') return ask(name, data)
    const [url, , { cached } = {}] = data as FetchArguments
    if (cached) return { cache: true }
    const module = modules.get(url)
    // The runner writes into what it gets.
    return module ? { ...module } : ask(name, data)
  }
}

/** One isolate runs many files. */
function isWarm(known: Transport): boolean {
  const warm = known.isWarm === true
  known.isWarm = true
  return warm
}

/** vitest's module runner by the plugin's own way to it; should that go, tests are slow, and no more. */
function runner(): { transport?: Transport } | undefined {
  const { __vitest_mocker__ } = globalThis as {
    __vitest_mocker__?: { moduleRunner?: { transport?: Transport } }
  }
  return __vitest_mocker__?.moduleRunner
}

interface Transport {
  isWarm?: boolean
  invoke: (name: string, data: unknown[]) => Promise<unknown>
}

type FetchArguments = [url: string, importer?: string, options?: { cached?: boolean }]
