import { ShopError } from '../shop-error.ts'
import { MailBounced, MailDelayed } from './mail-errors.ts'
import type { MailTransport } from './mail-transport.ts'

/** The service's error codes that are about the recipient. */
const BOUNCES: ReadonlySet<unknown> = new Set([
  'E_VALIDATION_ERROR',
  'E_RECIPIENT_NOT_ALLOWED',
  'E_RECIPIENT_SUPPRESSED',
  'E_DELIVERY_FAILED',
])

/** Those that are about the moment. */
const DELAYS: ReadonlySet<unknown> = new Set([
  'E_RATE_LIMIT_EXCEEDED',
  'E_DAILY_LIMIT_EXCEEDED',
  'E_INTERNAL_SERVER_ERROR',
  // No code: the call itself failed.
  undefined,
])

/**
 * Cloudflare's Email Service, by a `send_email` binding. It knows no idempotency keys: a mail that was
 * handed over just before a crash goes out twice. The key travels as the header `X-Dogear-Key`, by
 * which the two can be told to be one. Throws `mail_sender_missing` without a sender's address.
 */
export function cloudflareEmail(binding: SendEmail, from: string | undefined): MailTransport {
  if (!from) {
    throw new ShopError(
      'mail_sender_missing',
      'The binding EMAIL is set and the variable MAIL_FROM is not; expected an address of a domain that is set up for sending',
    )
  }
  return {
    async send({ key, recipient, subject, body }) {
      try {
        const { messageId } = await binding.send({
          from,
          to: recipient,
          subject,
          text: body,
          headers: { 'X-Dogear-Key': key },
        })
        return { provider: 'cloudflare', providerId: messageId }
      } catch (cause) {
        const { code, message } = cause as Error & { code?: unknown }
        if (BOUNCES.has(code)) throw new MailBounced(recipient, message, { cause })
        if (DELAYS.has(code)) throw new MailDelayed(message, { cause })
        throw cause
      }
    },
  }
}
