import { limitsFinding } from '../../../api/access/missing-limits.ts'
import { OLDEST_DATE, type WorkerConfig } from '../worker-config.ts'
import { advice, type Check, checksOf, fine, type Finding, wrong } from './check.ts'
import { checkDatabase, checkOneDatabase } from './database.ts'
import type { Expected } from './expected.ts'
import { checkClass, checkObjects } from './objects.ts'
import { checkConsumer, checkQueue, checkTiming } from './queue.ts'

const INIT = 'npx dogear init'

/** What a configuration, or one named environment of it, lacks of what the code expects. */
export function configChecks(config: WorkerConfig, expected: Expected): Check[] {
  return checksOf({
    database: checkDatabase(config, expected),
    'one database': checkOneDatabase(config, expected),
    objects: checkObjects(config, expected),
    class: checkClass(config, expected),
    queue: checkQueue(config, expected),
    consumer: checkConsumer(config, expected),
    'consumer timing': checkTiming(config, expected),
    cron: checkCron(config, expected),
    version: checkVersion(config, expected),
    'compatibility date': checkDate(config),
    assets: checkAssets(config, expected),
    limits: checkLimits(config),
  })
}

/** A secret cannot be seen from here, unless the configuration says that there is to be one. */
function checkLimits({ vars = {}, secrets, ratelimits = [] }: WorkerConfig): Finding | undefined {
  const named = [...Object.keys(vars), ...(secrets?.required ?? [])]
  if (!named.includes('API_TOKENS')) return undefined
  return limitsFinding(ratelimits.map(({ name }) => name))
}

function checkCron({ triggers }: WorkerConfig, { cron }: Expected): Finding | undefined {
  const crons = triggers?.crons ?? []
  if (cron === undefined) return undefined
  if (crons.includes(cron)) return fine(`${cron} rings`)
  const found = crons.length === 0 ? 'none' : crons.map((one) => `'${one}'`).join(', ')
  return wrong(
    `triggers.crons has ${found}, so nobody looks for lost runs, or starts those that are due`,
    `add '${cron}' to triggers.crons, or type: ${INIT}`,
  )
}

function checkVersion(
  { version_metadata: metadata }: WorkerConfig,
  { version }: Expected,
): Finding | undefined {
  if (version === undefined) return undefined
  if (metadata?.binding === version) return fine(version)
  if (metadata === undefined) {
    return advice(
      'there is no version_metadata, so a deploy under way is not told from other changes',
      `add "version_metadata": { "binding": "${version}" }, or type: ${INIT}`,
    )
  }
  return advice(
    `version_metadata is ${metadata.binding}; createDogear looks for ${version}`,
    `createDogear({ version: '${metadata.binding}' })`,
  )
}

function checkDate({ compatibility_date: date }: WorkerConfig): Finding {
  if (date !== undefined && date >= OLDEST_DATE) return fine(date)
  return wrong(
    date === undefined ? 'there is none' : `${date} is before calls of Durable Objects`,
    `"compatibility_date": "${OLDEST_DATE}" or later`,
  )
}

/** A page that is served for every path hides Dogear's from browsers. */
export function checkAssets({ assets }: WorkerConfig, { path }: Expected): Finding | undefined {
  const { not_found_handling: handling = 'none', run_worker_first: first } = assets ?? {}
  if (handling === 'none' || first === true) return undefined
  if (Array.isArray(first) && first.some((one) => one === '/*' || one.startsWith(path)))
    return undefined
  return advice(
    `assets.not_found_handling is ${handling}, so browsers get that page at ${path}`,
    `add "${path}" and "${path}/*" to assets.run_worker_first`,
  )
}
