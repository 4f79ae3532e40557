/**
 * Webhooks: they tell others that a run has ended, or asks for a look. See `docs/webhooks-and-alerts.md`.
 *
 * @module
 */
export { deliverWebhooks, tendOutbox } from './deliver.ts'
export { EVENT_TYPES } from './endpoint-checks.ts'

export type { DeliveryDeps } from './deliver.ts'
