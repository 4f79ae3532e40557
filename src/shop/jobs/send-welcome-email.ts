import { defineJob } from 'dogear'
import { OneCustomer } from '../mail/customers.ts'
import { welcomeLetter } from '../mail/letters.ts'
import { sendSingleMail, SINGLE_MAIL_ERRORS, wasSent } from '../mail/single-mail.ts'
import { notifyAdmin } from './notify-admin.ts'
import { sendOnboardingTips } from './send-onboarding-tips.ts'
import { verifySingleMail } from '../mail/verify-mail.ts'

/** Welcomes a customer. The first of a chain: what follows starts only once the mail is sent. */
export const sendWelcomeEmail = defineJob({
  name: 'send-welcome-email',
  description: 'Welcomes one new customer, and starts what follows.',
  params: OneCustomer,
  errors: SINGLE_MAIL_ERRORS,
  perform: (context) => sendSingleMail(context, welcomeLetter),
  continuations({ enqueue, params: { customer }, result }) {
    if (!wasSent(result)) return
    enqueue(sendOnboardingTips, { customer }, { wait: '5 minutes' })
    enqueue(notifyAdmin, { customer })
  },
  verify: verifySingleMail,
})
