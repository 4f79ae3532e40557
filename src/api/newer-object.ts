import { ProblemError } from './problem.ts'

/** Asks a run's object for what only newer code can tell: some minutes after a deploy, it may still be older. */
export async function ofNewerObject<T>(run: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask()
  } catch (error) {
    if (!(error instanceof Error) || !/does not implement/.test(error.message)) throw error
    throw new ProblemError(
      'object_outdated',
      `The object of run ${run} still runs the code of before the last deploy, which does not tell this; ask again in a few minutes`,
    )
  }
}
