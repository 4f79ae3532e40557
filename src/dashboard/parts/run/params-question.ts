import { changedParams, paramsProblem, paramsText } from '../../forms/changed-params.ts'
import type { Run } from '../../state/api.ts'
import { answered, type Question } from '../confirm.tsx'

/** Asks whether a new run is to begin in this one, and with which params: those that were changed; undefined is a no. */
export async function askForParams(
  { params }: Run,
  question: Question,
): Promise<{ params?: Record<string, unknown> } | undefined> {
  const text = await answered({
    ...question,
    label: 'Params of the new run, as JSON',
    hint: 'What you change is laid over the params of this run; what you take out stays as it is. What is sensitive is not shown, and stays, too.',
    value: paramsText(params),
    check: paramsProblem,
  })
  if (text === undefined) return undefined
  const changed = changedParams(params, text)
  return changed ? { params: changed } : {}
}
