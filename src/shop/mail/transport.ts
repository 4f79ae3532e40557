import { cloudflareEmail } from './cloudflare-email.ts'
import { localMailbox } from './local-mailbox.ts'
import type { MailTransport } from './mail-transport.ts'

/** Cloudflare's Email Service where the Worker has the binding `EMAIL`, else the shop's own mailbox. */
export function mailTransport(env: Cloudflare.Env): MailTransport {
  const { EMAIL, MAIL_FROM } = env as Cloudflare.Env & { EMAIL?: SendEmail; MAIL_FROM?: string }
  return EMAIL ? cloudflareEmail(EMAIL, MAIL_FROM) : localMailbox(env.DB)
}
