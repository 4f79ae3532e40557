import type { DevEnvironment, Plugin } from 'vite'

/**
 * Hands the tests in workerd the modules of the Worker in one answer. By itself vitest's module runner asks
 * for each of them, and again for each import of each, by round trips that took most of a file's time.
 */
export class WarmModules {
  readonly plugin: Plugin
  readonly #roots: string[]
  #environment: DevEnvironment | undefined
  #modules: Promise<Uint8Array> | undefined

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

  async #fetchAll(): Promise<Uint8Array> {
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
      modules.push([url, { ...module, code: withSmallMap(url, module.code), invalidate: false }])
      const { transformResult } = environment.moduleGraph.getModuleById(module.id) ?? {}
      await Promise.all([...(transformResult?.deps ?? [])].map(fetch))
    }
    await Promise.all(this.#roots.map(fetch))
    // Encoded once, for all files.
    return new TextEncoder().encode(JSON.stringify(modules))
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

const INLINE_MAP = /\n\/\/# sourceMappingURL=data:application\/json[^,]*;base64,([^\s]*)\s*$/

/** Source maps are twice as large as all the rest. Stacks need those of the project, without the sources. */
function withSmallMap(url: string, code: string): string {
  return code.replace(INLINE_MAP, (_all, base64: string) => {
    if (url.includes('/node_modules/')) return ''
    const map = JSON.parse(Buffer.from(base64, 'base64').toString()) as object
    const small = JSON.stringify({ ...map, sourcesContent: undefined })
    const encoded = Buffer.from(small).toString('base64')
    return `\n//# sourceMappingURL=data:application/json;base64,${encoded}\n`
  })
}
