// The second is what an object finds that is just being robbed of its storage.
const INJECTED = ['Network connection lost.', 'no such table: run: SQLITE_ERROR']

/**
 * Does `work` while the engine's own notes on stepping aside stay out of the test's output: they are
 * the answer to faults that were injected on purpose. Everything else is printed as ever.
 */
export async function withoutExpectedEvents<T>(run: string, work: () => Promise<T>): Promise<T> {
  /* eslint-disable no-console -- what is replaced here is put back below */
  const { warn } = console
  console.warn = (...args: unknown[]): void => {
    const line = String(args[0])
    const stoodBack = line.includes('"event":"slice.stood_back"') && line.includes(run)
    // Of a follow-up run, maybe.
    const unpaid =
      line.includes('"event":"run.debt_unpaid"') && INJECTED.some((text) => line.includes(text))
    if (!stoodBack && !unpaid) warn(...args)
  }
  try {
    return await work()
  } finally {
    console.warn = warn
  }
  /* eslint-enable no-console */
}
