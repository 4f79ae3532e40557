import { defineJob } from 'dogear'
import { OneCustomer } from '../mail/customers.ts'
import { onboardingLetter } from '../mail/letters.ts'
import { sendSingleMail, SINGLE_MAIL_ERRORS, wasSent } from '../mail/single-mail.ts'
import { trackSignupMetrics } from './track-signup-metrics.ts'
import { verifySingleMail } from '../mail/verify-mail.ts'

/** The second mail to a new customer. */
export const sendOnboardingTips = defineJob({
  name: 'send-onboarding-tips',
  description: 'Sends tips to a new customer, five minutes after the welcome.',
  params: OneCustomer,
  errors: SINGLE_MAIL_ERRORS,
  perform: (context) => sendSingleMail(context, onboardingLetter),
  continuations({ enqueue, params: { customer }, result }) {
    if (wasSent(result)) enqueue(trackSignupMetrics, { customer })
  },
  verify: verifySingleMail,
})
