/** Stable codes of what people get wrong about the shop. */
export type ShopErrorCode =
  | 'import_name_wrong'
  | 'import_empty'
  | 'import_unreadable'
  | 'import_too_large'
  | 'import_columns_wrong'
  | 'import_row_broken'
  | 'customer_without_email'
  | 'mail_gone'
  | 'mail_sender_missing'

/** An error that the shop's user can fix: its message says what was found and what was expected. */
export class ShopError extends Error {
  override readonly name = 'ShopError'
  readonly code: ShopErrorCode
  /** The line of the file, where there is one. */
  readonly line: number | undefined

  constructor(
    code: ShopErrorCode,
    message: string,
    options: { line?: number; cause?: unknown } = {},
  ) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined)
    this.code = code
    this.line = options.line
  }
}
