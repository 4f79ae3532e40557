/**
 * A message that only says that messages come through: sent by `doctor`, and taken like those of runs. No run
 * has one.
 */
export interface Canary {
  readonly dogear: 'canary'
}

export const CANARY: Canary = { dogear: 'canary' }

export function isCanary(message: { readonly body: unknown }): boolean {
  const { body } = message
  return typeof body === 'object' && body !== null && 'dogear' in body && body.dogear === 'canary'
}
