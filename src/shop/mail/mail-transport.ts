/** A provider's answer: it has taken the mail. */
export interface Receipt {
  /** The provider's name. */
  readonly provider: string
  /** The name of the mail there. */
  readonly providerId: string
}

/** Hands mails to a provider. */
export interface MailTransport {
  /**
   * Hands over one mail, under its key: a provider that knows keys takes the same one twice and
   * delivers once. Throws `MailBounced` when this recipient cannot be reached, `MailDelayed` when the
   * provider may take the mail later; anything else is wrong with how the sender is set up.
   */
  send(mail: OutboxMail): Promise<Receipt>
}

/** A mail of the outbox, as the sender hands it over. */
export interface OutboxMail {
  readonly id: number
  /** The same in every attempt. */
  readonly key: string
  readonly recipient: string
  readonly subject: string
  readonly body: string
}
