/**
 * Before each call of a Durable Object the plugin imports the Worker's entry again, and asks vitest's own
 * process for it each time: that takes five times as long as the call. Nothing here changes the entry
 * while a file's tests run, so it is imported once for each of them.
 */
export function importEntryOnce(entry: string): void {
  // The plugin's own way to the module runner; should it go, tests are as slow as without this.
  const { __vitest_mocker__ } = globalThis as { __vitest_mocker__?: { moduleRunner?: Runner } }
  const runner = __vitest_mocker__?.moduleRunner
  if (!runner) return
  const original = originals.get(runner) ?? runner.import.bind(runner)
  originals.set(runner, original)
  let imported: Promise<unknown> | undefined
  runner.import = (specifier) => {
    if (specifier !== entry) return original(specifier)
    imported ??= original(specifier)
    return imported
  }
}

interface Runner {
  import: (specifier: string) => Promise<unknown>
}

/** A runner that serves several files is not wrapped twice. */
const originals = new WeakMap<Runner, Runner['import']>()
