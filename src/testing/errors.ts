/** `code` is stable: compare it, never the message. */
export type TestingErrorCode =
  | 'never_interrupted'
  | 'never_killed'
  | 'never_at_rest'
  | 'nothing_to_deliver'
  | 'invalid_count'
  | 'invalid_replay'
  | 'invalid_settings'
  | 'undisturbed_run_failed'
  | 'not_repeatable'
  | 'crash_changed_outcome'

/** An error that the test kit raises on purpose. */
export class TestingError extends Error {
  override readonly name: string = 'TestingError'
  readonly code: TestingErrorCode

  constructor(code: TestingErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
