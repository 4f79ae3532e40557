import { ApiError } from '../../../client/index.ts'
import { Connection } from '../../../client/connection.ts'
import { advice, type Check, checksOf, type Finding, wrong } from './check.ts'

/** Where the Worker is, and whether somebody said so. */
export interface LiveAt {
  url: string
  token: string | undefined
  /** The caller named this Worker, so it must be there. */
  isNamed: boolean
}

/**
 * What the Worker says of itself. Where nobody named it, whatever answers may be another one: what it says is only
 * noted then, and undefined when none answers.
 */
export async function liveChecks(at: LiveAt): Promise<Check[] | undefined> {
  const checks = await asked(at)
  return at.isNamed ? checks : checks?.map((check) => guessed(check, at.url))
}

async function asked({ url, token, isNamed }: LiveAt): Promise<Check[] | undefined> {
  try {
    const answer = await new Connection(url, { token }).json<{ checks?: Check[] }>('GET', '/doctor')
    if (answer.checks !== undefined) return answer.checks
    return isNamed ? checksOf({ worker: strange(url) }) : undefined
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    const finding = failed(url, error)
    return isNamed || finding.ok ? checksOf({ worker: finding }) : undefined
  }
}

function guessed({ name, found, todo }: Check, url: string): Check {
  const where = `${url} was asked, which may be another Worker: ${found}`
  return { name: `${name} (guess)`, ok: true, found: todo === '' ? found : where, todo }
}

function strange(url: string): Finding {
  return wrong(
    `what answers at ${url} is no Dogear that can look at itself`,
    'say with --url where the Worker is, path included: http://localhost:8787/dogear',
  )
}

function failed(url: string, error: ApiError): Finding {
  if (error.status === 401 || error.status === 403) {
    return advice(
      `${url} did not let this command look: ${error.message}`,
      'npx dogear doctor --token TOKEN',
    )
  }
  return wrong(
    `${url} answers no question about its health: ${error.message}`,
    'npx wrangler dev, or say with --url where the Worker is, path included',
  )
}
