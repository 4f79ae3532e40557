import { createDogear } from 'dogear/worker'
import { backfillVat } from './jobs/backfill-vat'
import { remindOverdue } from './jobs/remind-overdue'
import { isStaff } from './staff'

/** The jobs of this Worker; their page and API are at /dogear, for whoever may use the company's own API. */
export const jobs = createDogear({
  jobs: [remindOverdue, backfillVat],
  db: 'BILLING_DB',
  authorize: (request, env) => (isStaff(request, env) ? { name: 'billing', role: 'admin' } : null),
})
