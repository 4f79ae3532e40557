import { defineJob } from 'dogear'
import { OneCustomer } from '../mail/customers.ts'
import { countSignup } from '../mail/metrics.ts'
import { verifyMetrics } from '../mail/verify-mail.ts'

/** Counts a customer who has got both mails: the end of the chain that `send-welcome-email` begins. */
export const trackSignupMetrics = defineJob({
  name: 'track-signup-metrics',
  description: 'Counts a sign-up.',
  params: OneCustomer,
  perform: ({ step, params, effects, run }) =>
    step('track', () => countSignup(effects, run.id, params.customer)),
  verify: verifyMetrics,
})
