import type { Job } from '../job/job.ts'
import type { Pass } from '../pass/pass.ts'
import { performIteration } from './iteration.ts'
import { stepFunction } from './step-function.ts'

/** Runs a job, which is data, on a pass. Resolves to what `perform` returns; an iteration returns nothing. */
export function perform({ body }: Job, pass: Pass): Promise<unknown> {
  switch (body.style) {
    case 'continuable':
      return body.perform({ ...pass.context, step: stepFunction(pass) })
    case 'iteration':
      return performIteration(body.methods, pass)
  }
}
