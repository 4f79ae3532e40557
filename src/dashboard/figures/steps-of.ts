import { isEnded } from '../../engine/run.ts'
import type { Run } from '../state/api.ts'

type Stepped = Pick<
  Run,
  'style' | 'job' | 'status' | 'step' | 'cursor' | 'completedSteps' | 'progress'
>

/** The steps that are done, and the one that a run is in or has stopped in. An iteration is one step, its job. */
export function stepsOf(run: Stepped): { done: string[]; current: string | undefined } {
  const { style, job, status, step, cursor, completedSteps, progress } = run
  if (style !== 'iteration') return { done: completedSteps, current: step ?? undefined }
  if (status === 'completed') return { done: [job], current: undefined }
  const begun = !isEnded(status) || cursor !== null || progress.done + progress.skipped > 0
  return { done: [], current: begun ? job : undefined }
}
