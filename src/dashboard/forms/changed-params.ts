import { isRecord } from '../../engine/record.ts'
import { numberProblem } from '../../engine/enumerators/json-value.ts'

/** Params of a run as JSON to be edited. */
export function paramsText(params: unknown): string {
  return JSON.stringify(params ?? {}, null, 2)
}

/** What is wrong with a text that should be params; undefined when it is right. */
export function paramsProblem(text: string): string | undefined {
  const lost = numberProblem(text)
  if (lost !== undefined) return lost
  try {
    return isRecord(JSON.parse(text))
      ? undefined
      : 'This is no JSON object; expected one like {"upTo": 500}'
  } catch (error) {
    return `This is no JSON: ${(error as Error).message}`
  }
}

/** The params that differ from those of the run: the API lays them over. Undefined when none does. */
export function changedParams(before: unknown, text: string): Record<string, unknown> | undefined {
  const known = isRecord(before) ? before : {}
  const typed = JSON.parse(text) as Record<string, unknown>
  const changed = Object.entries(typed).filter(
    ([name, value]) => JSON.stringify(value) !== JSON.stringify(known[name]),
  )
  return changed.length === 0 ? undefined : Object.fromEntries(changed)
}
