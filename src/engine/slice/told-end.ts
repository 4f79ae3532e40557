import type { RunError } from '../errors.ts'
import { cutText } from '../cut-text.ts'
import type { Redact } from '../redactor.ts'
import type { End } from '../store/change.ts'

/** It may repeat what user code has thrown. */
const MAX_ATTENTION = 2_000

/** An end as people are told of it, whoever wrote it: alerts and webhooks take its `attention` from D1. */
export function toldEnd({ attention, ...end }: End, redact: Redact): End {
  return attention === undefined
    ? end
    : { ...end, attention: cutText(redact(attention), MAX_ATTENTION) }
}

/** The end of a run that has failed. */
export function failedWith(error: RunError): End {
  return { status: 'failed', error, children: '[]' }
}
