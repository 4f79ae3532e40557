/** The recipient cannot be reached; to try again with the same address is useless. */
export class MailBounced extends Error {
  override readonly name = 'MailBounced'
  readonly code = 'mail_bounced'

  constructor(recipient: string, reason: string, options?: ErrorOptions) {
    super(`No mail can be delivered to ${recipient}: ${reason}`, options)
  }
}

/** The provider takes nothing at the moment: it is busy, out of order, or a limit is reached. */
export class MailDelayed extends Error {
  override readonly name = 'MailDelayed'
  readonly code = 'mail_delayed'

  constructor(reason: string, options?: ErrorOptions) {
    super(`The mail provider takes no mail now: ${reason}`, options)
  }
}
