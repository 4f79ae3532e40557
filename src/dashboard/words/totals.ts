import { allows, type Command, STATUSES } from '../../engine/run.ts'
import type { RunTotals } from '../state/api.ts'
import { count } from './words.ts'

/** `312`, `more than 10,000`. */
export function totalWords({ total, more }: Pick<RunTotals, 'total' | 'more'>): string {
  return `${more ? 'more than ' : ''}${count(total)}`
}

/** `26 to 50 of 312`: what of a list is shown. */
export function placeWords(
  from: number | undefined,
  shown: number,
  totals: RunTotals | undefined,
): string {
  const part =
    from === undefined || shown === 0
      ? count(shown)
      : `${count(from)} to ${count(from + shown - 1)}`
  // What was counted a moment ago is not less than what is there.
  if (!totals || totals.total < shown) return shown === 0 ? '' : part
  return shown === 0 && totals.total === 0 ? '' : `${part} of ${totalWords(totals)}`
}

/** `198 failed. 3 completed, which do not allow it. Errors: 150 page_failed, 48 TypeError.` */
export function kindsWords(
  command: Command,
  { statuses = {}, errors = [] }: Pick<RunTotals, 'statuses' | 'errors'>,
): string {
  const kinds = (allowed: boolean) =>
    STATUSES.filter((status) => statuses[status] && allows(status, command) === allowed)
      .map((status) => `${count(statuses[status] ?? 0)} ${status}`)
      .join(', ')
  const [able, unable] = [kinds(true), kinds(false)]
  const named = errors
    .slice(0, 5)
    .map(({ error, message, runs }) => `${count(runs)} ${error}${message ? ` (${message})` : ''}`)
  return [
    ...(able === '' ? [] : [`${able}.`]),
    ...(unable === '' ? [] : [`${unable}, which do not allow it.`]),
    ...(named.length === 0
      ? []
      : [`Errors: ${named.join(', ')}${errors.length > named.length ? ' and others' : ''}.`]),
  ].join(' ')
}
