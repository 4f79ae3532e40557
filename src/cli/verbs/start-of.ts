import type { Client, StartOptions } from '../../client/index.ts'
import { isRecord } from '../../engine/record.ts'
import { MASK } from '../../engine/redactor.ts'
import { CliError, UsageError } from '../errors.ts'

/**
 * The start of a run, to start another one like it. What is sensitive is shown to nobody: params that are must be typed
 * again.
 */
export async function startOf(
  job: string,
  run: string,
  typed: Pick<StartOptions, 'params'>,
  client: Client,
): Promise<Pick<StartOptions, 'params' | 'labels' | 'commit'>> {
  const like = await client.run(run)
  if (like.job !== job) {
    throw new UsageError(`run ${like.id} is a run of '${like.job}'; expected one of '${job}'`)
  }
  const params = Object.entries(isRecord(like.params) ? like.params : {})
  const masked = params.filter(([, value]) => JSON.stringify(value).includes(MASK))
  const missing = masked.map(([name]) => name).filter((name) => typed.params?.[name] === undefined)
  if (missing.length > 0) {
    throw new CliError(
      'sensitive_params',
      `the run's ${missing.map((name) => `'${name}'`).join(', ')} is sensitive, and shown to nobody; type it again: ${missing.map((name) => `--param ${name}=…`).join(' ')}`,
    )
  }
  const labels = Object.entries(like.labels ?? {}).filter(([, value]) => !value.includes(MASK))
  return {
    params: Object.fromEntries(params.filter((param) => !masked.includes(param))),
    ...(labels.length > 0 && { labels: Object.fromEntries(labels) }),
    ...(like.commit && { commit: like.commit }),
  }
}
