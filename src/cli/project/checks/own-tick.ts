import { isRead } from '../code.ts'
import type { Project } from '../project.ts'
import { freeTick } from '../free-tick.ts'
import { advice, type Finding } from './check.ts'
import type { Expected } from './expected.ts'

/** The host has a use for the tick that `wrap` keeps for Dogear. */
export function ownTickFinding(
  { code, jobs, main, file: { config } }: Project,
  { cron }: Expected,
): Finding | undefined {
  if (!isRead(code) || cron === undefined || !code.dogear?.used.has('wrap')) return undefined
  const crons = config.triggers?.crons ?? []
  const { compared, hasScheduled } = code.ticks
  const isOnly = hasScheduled && crons.length > 0 && crons.every((one) => one === cron)
  if (!isOnly && !compared.includes(cron)) return undefined
  const free = freeTick([...crons, cron])
  return advice(
    `'${cron}' is Dogear's tick, so the scheduled() of your own that ${main} has never gets it`,
    `add '${free}' to triggers.crons, and createDogear({ cron: '${free}' }) in ${jobs.path}`,
  )
}
