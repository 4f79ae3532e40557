import type { Alert, Delivery, Webhooks } from '../../client/index.ts'
import { type Paint, plain } from './paint.ts'
import { table } from './table.ts'
import { timeText } from './text.ts'
import { inert } from './inert.ts'

export function alertsText(alerts: readonly Alert[], paint: Paint = plain): string {
  if (alerts.length === 0) return 'No alerts.'
  return table([
    ['ALERT', 'KIND', 'JOB', 'RUN', 'RAISED', 'CLEARED', 'WHAT'],
    ...inert(alerts).map(({ id, kind, job, run, raisedAt, clearedAt, message }) => [
      `${id}`,
      kind,
      job,
      run,
      timeText(raisedAt),
      clearedAt === null ? paint('red', 'open') : timeText(clearedAt),
      message,
    ]),
  ])
}

export function webhooksText(webhooks: Webhooks, paint: Paint = plain): string {
  const { endpoints, problem, deliveries } = inert(webhooks)
  return [
    ...(problem === undefined ? [] : [`❌ ${paint('red', problem)}`]),
    endpointsText(endpoints),
    deliveriesText(deliveries, paint),
  ].join('\n')
}

function endpointsText(endpoints: Webhooks['endpoints']): string {
  if (endpoints.length === 0) return 'No endpoints.'
  return table([
    ['ENDPOINT', 'WHERE', 'EVENTS', 'JOBS'],
    ...endpoints.map(({ name, origin, events, jobs }) => [
      name,
      origin,
      events?.join(', ') ?? 'all',
      jobs?.join(', ') ?? 'all',
    ]),
  ])
}

function deliveriesText(deliveries: readonly Delivery[], paint: Paint): string {
  if (deliveries.length === 0) return 'No deliveries.'
  return table([
    ['DELIVERY', 'EVENT', 'RUN', 'TO', 'CREATED', 'ATTEMPTS', 'STATUS', 'ERROR'],
    ...deliveries.map((delivery) => [
      `${delivery.id}`,
      delivery.event,
      delivery.run ?? '',
      delivery.endpoint,
      timeText(delivery.createdAt),
      `${delivery.attempts}`,
      statusText(delivery, paint),
      delivery.lastError ?? '',
    ]),
  ])
}

function statusText({ status, nextAt }: Delivery, paint: Paint): string {
  if (status === 'given_up') return paint('red', 'given up')
  return nextAt === null ? status : `next at ${timeText(nextAt)}`
}
