import { z } from 'zod'
import { defineJob } from 'dogear'
import { OneCustomer } from '../mail/customers.ts'
import { ADMIN, adminLetter } from '../mail/letters.ts'
import { sendSingleMail, SINGLE_MAIL_ERRORS } from '../mail/single-mail.ts'
import { verifySingleMail } from '../mail/verify-mail.ts'

/** Tells whoever runs the shop of a new customer. */
export const notifyAdmin = defineJob({
  name: 'notify-admin',
  description: 'Tells the shop that somebody has signed up.',
  params: OneCustomer.extend({ to: z.email().optional() }),
  errors: SINGLE_MAIL_ERRORS,
  perform: (context) =>
    sendSingleMail(context, (customer) => adminLetter(context.params.to ?? ADMIN, customer)),
  verify: verifySingleMail,
})
