import type { Run } from '../../client/index.ts'
import { bar, stateText } from './bar.ts'
import { table } from './table.ts'
import { countText, shorten, valueText } from './text.ts'

const BAR = 10
const CURSOR = 40

/** A line for each lane of a run: how it is, how far it has come. Undefined for a run of one. */
export function lanesText(run: Run): string | undefined {
  const { lanes, progress } = run
  if (!lanes) return undefined
  const share = progress.total === null ? null : Math.ceil(progress.total / lanes.length)
  const rows = lanes.map((lane) => {
    const { done, skipped } = lane.progress
    const total = lane.status === 'completed' ? done : share
    const { error: _error, reason: _reason, ...rest } = run
    return [
      `${lane.lane}`,
      `[${bar(done, total, BAR)}]`,
      `${done}${skipped === 0 ? '' : `, ${skipped} skipped`}`,
      stateText({ ...rest, ...lane, progress: { done, skipped, total } }),
      lane.cursor === null ? '' : `cursor ${shorten(valueText(lane.cursor), CURSOR)}`,
      lane.error?.message ?? countText(lane.slices, 'slice'),
    ]
  })
  return table(rows)
}
