import { isDogearMessage } from '../engine/slice/consumer.ts'
import { isCanary } from './canary.ts'

/** True for a message of Dogear's. All others are the host's. */
export function isOwn(message: { readonly body: unknown }): boolean {
  return isCanary(message) || isDogearMessage(message)
}

export function partition<T>(all: readonly T[], test: (one: T) => boolean): [yes: T[], no: T[]] {
  const yes = all.filter(test)
  return [yes, all.filter((one) => !yes.includes(one))]
}
