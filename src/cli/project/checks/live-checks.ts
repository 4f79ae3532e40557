import { ApiError } from '../../../client/index.ts'
import { Connection } from '../../../client/connection.ts'
import type { Check } from './check.ts'

/** Where the Worker is, and whether somebody said so. */
export interface LiveAt {
  url: string
  token: string | undefined
  /** Undefined answers are errors: the caller named this Worker. */
  isNamed: boolean
}

/** What the Worker says of itself; undefined when none answers and none was named. */
export async function liveChecks({ url, token, isNamed }: LiveAt): Promise<Check[] | undefined> {
  try {
    const answer = await new Connection(url, { token }).json<{ checks?: Check[] }>('GET', '/doctor')
    if (answer.checks !== undefined) return answer.checks
    return [
      {
        name: 'worker',
        ok: false,
        found: `what answers at ${url} is no Dogear that can look at itself`,
        todo: 'say with --url where the Worker is, path included: http://localhost:8787/dogear',
      },
    ]
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    if (error.code === 'unreachable' && !isNamed) return undefined
    return [
      {
        name: 'worker',
        ok: false,
        found: `${url} answers no question about its health: ${error.message}`,
        todo: 'npx wrangler dev, or say with --url where the Worker is, path included',
      },
    ]
  }
}
