import { z } from 'zod'
import type { Recipient } from './customers.ts'
import type { Letter } from './outbox.ts'

/** The text of a campaign, and its recipients. */
export const Campaign = z.strictObject({
  subject: z.string().min(1).max(200).default('News from the shop'),
  text: z.string().min(1).max(10_000).default('There is something new in the shop for you.'),
  /** The last customer who gets it; by default all with an e-mail address do. */
  upTo: z.number().int().positive().optional(),
})
export type Campaign = z.infer<typeof Campaign>

export function campaignLetter({ subject, text }: Campaign, to: Recipient): Letter {
  return letter('campaign', to, subject, text)
}

export function welcomeLetter(to: Recipient): Letter {
  return letter(
    'welcome',
    to,
    'Welcome to the shop',
    'Your account is ready. Good to have you here.',
  )
}

export function onboardingLetter(to: Recipient): Letter {
  return letter(
    'onboarding',
    to,
    'Three things to try',
    'Look around, put something into your basket, and tell us what you miss.',
  )
}

/** Whoever runs the shop, where a run names nobody else. */
export const ADMIN = 'admin@example.com'

/** Tells whoever runs the shop of a new customer. */
export function adminLetter(admin: string, { id, name, email }: Recipient): Letter {
  return {
    customer: null,
    to: admin,
    template: 'admin',
    subject: `New customer ${id}`,
    body: `${name ?? 'Somebody'} <${email}> has signed up, and was welcomed.`,
  }
}

function letter(template: string, to: Recipient, subject: string, text: string): Letter {
  const body = `Dear ${to.name ?? 'customer'},\n\n${text}\n`
  return { customer: to.id, to: to.email, template, subject, body }
}
