import { MASK } from '../../engine/redactor.ts'
import { isRecord } from '../../engine/record.ts'
import type { JobInfo, Run } from '../state/api.ts'
import { isSensitive } from './start-form.ts'

/** What a form begins with. */
export interface Prefill {
  params: Readonly<Record<string, unknown>>
  labels: Readonly<Record<string, string>>
  commit: NonNullable<Run['commit']>
  /** Sensitive params that the run had: nobody is shown them, so they are asked for again. */
  askedAgain: readonly string[]
}

export const EMPTY: Prefill = { params: {}, labels: {}, commit: {}, askedAgain: [] }

/** The start of a run once more: what it was started with, as far as that may be shown. */
export function prefillFrom(job: JobInfo, run: Run): Prefill {
  const params = Object.entries(isRecord(run.params) ? run.params : {})
  const labels = Object.entries(run.labels ?? {})
  return {
    params: Object.fromEntries(params.filter(([name]) => !isSensitive(job, name))),
    labels: Object.fromEntries(labels.filter(([, value]) => !value.includes(MASK))),
    commit: run.commit ?? {},
    askedAgain: params.map(([name]) => name).filter((name) => isSensitive(job, name)),
  }
}
