import type { DevEnvironment, Plugin } from 'vite'

/**
 * Hands the tests in workerd the modules of the Worker in one answer. By itself vitest's module runner asks
 * for each of them, and again for each import of each, by round trips that took most of a file's time.
 */
export class WarmModules {
  readonly plugin: Plugin
  readonly #roots: string[]
  #environment: DevEnvironment | undefined
  #modules: Promise<string> | undefined

  /** `roots`: modules by their URL. What they import, and what that imports, is handed over with them. */
  constructor(roots: string[]) {
    this.#roots = roots
    this.plugin = {
      name: 'dogear:warm-modules',
      configureServer: ({ environments, watcher }) => {
        this.#environment = environments.ssr
        watcher.on('change', () => (this.#modules = undefined))
      },
    }
  }

  /** Answers the binding WARM_MODULES. */
  readonly answer = async (): Promise<Response> => {
    this.#modules ??= this.#fetchAll()
    return new Response(await this.#modules)
  }

  async #fetchAll(): Promise<string> {
    const environment = this.#environment
    if (!environment) throw new Error('No Vite server; expected the plugin in the project')
    const modules: [url: string, module: FetchedModule][] = []
    const asked = new Set<string>()
    const fetch = async (url: string): Promise<void> => {
      // vitest's own modules are not Vite's to fetch.
      if (asked.has(url) || /\/node_modules\/@?vitest\//.test(url)) return
      asked.add(url)
      // What fails is left to the test that asks for it.
      const module = await environment.fetchModule(url).catch(() => undefined)
      if (!module || !('code' in module)) return
      modules.push([url, { ...module, code: withoutMap(url, module.code), invalidate: false }])
      const { transformResult } = environment.moduleGraph.getModuleById(module.id) ?? {}
      await Promise.all([...(transformResult?.deps ?? [])].map(fetch))
    }
    await Promise.all(this.#roots.map(fetch))
    return JSON.stringify(modules)
  }
}

/** What the module runner gets when it asks for a module. */
export interface FetchedModule {
  code: string
  file: string | null
  id: string
  url: string
  invalidate: boolean
}

/** The packages' source maps are twice as large as all the rest. */
function withoutMap(url: string, code: string): string {
  return url.includes('/node_modules/') ? code.replace(/\n\/\/# sourceMapping[^]*$/, '') : code
}
