import type { EventLine } from '../figures/fold-events.ts'
import { count, duration } from './words.ts'

/** `Slice 138: 20 items, after 250 ms, with 4 commits; stopped for its budget`. */
export function sliceLineWords({
  fence,
  told,
  items,
}: Extract<EventLine, { kind: 'slice' }>): string {
  const end = told.map(({ event }) => event).find((event) => event.type === 'slice.released')
  return [
    `Slice ${count(fence)}: ${items === undefined ? 'routine' : itemWords(items)}`,
    end?.durationMs === undefined ? '' : `, ${duration(end.durationMs)}`,
    end?.commits === undefined
      ? ''
      : `, ${end.commits === 1 ? '1 commit' : `${count(end.commits)} commits`}`,
    end?.reason === undefined ? '' : `; stopped for ${end.reason}`,
  ].join('')
}

/** `1,240 routine events, of 138 slices and 2,760 items, are not shown`. */
export function gapWords(
  missing: number,
  { slices, items }: { slices: number; items: number },
): string {
  const of = slices + items === 0 ? '' : `, of ${count(slices)} slices and ${itemWords(items)},`
  return missing === 1
    ? `1 routine event${of} is not shown`
    : `${count(missing)} routine events${of} are not shown`
}

function itemWords(items: number): string {
  return items === 1 ? '1 item' : `${count(items)} items`
}
