import type { Command } from 'commander'
import { visible } from '../../engine/plain-text.ts'
import { parseCount, parseLane } from '../args.ts'

/** How much of a list is wanted, as options say it. */
export interface Wanted {
  limit: number
  all?: boolean
  cursor?: string
  lane?: number
}

/** The most that the API gives at once. */
const MOST_AT_ONCE = 100

/** Gives a verb these options, but for `--all`, which not every list has. */
export function withLimit(verb: Command, limit: number): Command {
  return verb
    .option('--limit <n>', 'at most this many', parseCount, limit)
    .option('--cursor <cursor>', 'go on where an earlier list ended')
}

/** Gives a verb all of them. */
export function withPaging(verb: Command, limit: number): Command {
  return withLimit(verb, limit).option('--all', 'all there are, whatever the limit')
}

/** Gives a verb the option of a lane, for what each lane of a run has of its own. */
export function withLane(verb: Command): Command {
  return verb.option('--lane <n>', 'of this lane, of a run that is worked in several', parseLane)
}

/** As much of a list as is wanted, in one document like that of a page; asks for as many pages as that takes. */
export async function gathered<
  Name extends string,
  Page extends Record<Name, unknown[]> & { nextCursor: string | null },
>(
  name: Name,
  { limit, all = false, cursor, lane }: Wanted,
  ask: (page: PageQuery) => Promise<Page>,
): Promise<Page> {
  let left = all ? Infinity : limit
  const of = lane === undefined ? {} : { lane }
  let page = await ask({ ...pageOf(left, cursor), ...of })
  if (left <= MOST_AT_ONCE) return page
  const items: unknown[] = [...page[name]]
  for (left -= items.length; left > 0 && page.nextCursor !== null;) {
    page = await ask({ ...pageOf(left, page.nextCursor), ...of })
    items.push(...page[name])
    left -= page[name].length
  }
  return { ...page, [name]: items }
}

interface PageQuery {
  limit: number
  cursor?: string
  lane?: number
}

function pageOf(left: number, cursor: string | undefined): PageQuery {
  const limit = Math.min(left, MOST_AT_ONCE)
  return cursor === undefined ? { limit } : { limit, cursor }
}

/** The line below a list that goes on. */
export function moreText({ nextCursor }: { nextCursor?: string | null }): string {
  // A Worker of before may not have pages of it.
  return typeof nextCursor !== 'string' ? '' : `\nMore: --cursor ${visible(nextCursor)}`
}
