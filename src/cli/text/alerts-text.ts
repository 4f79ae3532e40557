import type { Alert, Delivery, Webhooks } from '../../client/index.ts'
import { idText, isWide, type Look, plainLook, sinceText } from './look.ts'
import { table } from './table.ts'
import { ageText, countText, timeText } from './text.ts'
import { inert } from './inert.ts'

export function alertsText(alerts: readonly Alert[], look: Look = plainLook): string {
  if (alerts.length === 0) return 'No alerts.'
  const rows = inert(alerts).map(({ id, kind, job, raisedAt, clearedAt, message, ...about }) => [
    `${id}`,
    kind,
    job,
    aboutText(about, look),
    sinceText(raisedAt, look),
    clearedAt === null ? look.paint('red', 'open') : clearedText(clearedAt, look),
    message,
  ])
  const when = isWide(look) ? 'RAISED' : 'AGE'
  return table([['ALERT', 'KIND', 'JOB', 'RUN', when, 'CLEARED', 'WHAT'], ...rows], look.columns)
}

/** The run that it is about; of several, how many. */
function aboutText(
  { run, schedule, group }: Pick<Alert, 'run' | 'schedule' | 'group'>,
  look: Look,
): string {
  if (group !== undefined && group.failed > 1) return countText(group.failed, 'run')
  return run === null ? `schedule ${schedule}` : idText(run, look)
}

function clearedText(iso: string, look: Look): string {
  return isWide(look) ? timeText(iso) : `${sinceText(iso, look)} ago`
}

export function webhooksText(webhooks: Webhooks, look: Look = plainLook): string {
  const { endpoints, problem, deliveries } = inert(webhooks)
  return [
    ...(problem === undefined ? [] : [`❌ ${look.paint('red', problem)}`]),
    endpointsText(endpoints, look),
    deliveriesText(deliveries, look),
  ].join('\n')
}

function endpointsText(endpoints: Webhooks['endpoints'], { columns }: Look): string {
  if (endpoints.length === 0) return 'No endpoints.'
  const rows = endpoints.map(({ name, origin, events, jobs }) => [
    name,
    origin,
    events?.join(', ') ?? 'all',
    jobs?.join(', ') ?? 'all',
  ])
  return table([['ENDPOINT', 'WHERE', 'EVENTS', 'JOBS'], ...rows], columns)
}

function deliveriesText(deliveries: readonly Delivery[], look: Look): string {
  if (deliveries.length === 0) return 'No deliveries.'
  const rows = deliveries.map((delivery) => [
    `${delivery.id}`,
    delivery.event,
    delivery.run === null ? '' : idText(delivery.run, look),
    delivery.endpoint,
    sinceText(delivery.createdAt, look),
    `${delivery.attempts}`,
    statusText(delivery, look),
    delivery.lastError ?? '',
  ])
  const when = isWide(look) ? 'CREATED' : 'AGE'
  const head = ['DELIVERY', 'EVENT', 'RUN', 'TO', when, 'ATTEMPTS', 'STATUS', 'ERROR']
  return table([head, ...rows], look.columns)
}

function statusText({ status, nextAt }: Delivery, look: Look): string {
  if (status === 'given_up') return look.paint('red', 'given up')
  if (nextAt === null) return status
  return isWide(look)
    ? `next at ${timeText(nextAt)}`
    : `next in ${ageText(Date.parse(nextAt) - look.now)}`
}
