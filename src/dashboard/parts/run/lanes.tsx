import type { Lane, Run } from '../../state/api.ts'
import { whyWords } from '../../words/why.ts'
import { count, duration } from '../../words/words.ts'
import { LongText } from '../long-text.tsx'
import { Sheet } from '../sheet.tsx'
import { Cursor, ProgressBar, StatusBadge } from '../status.tsx'

/** The lanes of a run, each with its own place, and why it stands there. Nothing for a run of one. */
export function Lanes({ run }: { run: Run }) {
  const { lanes } = run
  if (!lanes) return null
  return (
    <Sheet id="lanes" title="Lanes">
      <div class="scroll" tabIndex={0}>
        <table class="small">
          <thead>
            <tr>
              <th class="figure">Lane</th>
              <th>Status</th>
              <th>Progress</th>
              <th>Last done</th>
              <th class="figure">Slices</th>
              <th class="figure">Worked for</th>
            </tr>
          </thead>
          <tbody>
            {lanes.map((lane) => (
              <LaneRow key={lane.lane} run={run} lane={lane} share={shareOf(run, lanes.length)} />
            ))}
          </tbody>
        </table>
      </div>
    </Sheet>
  )
}

/** The walk is cut into parts of about the same size. How many items each has, nobody has counted. */
function shareOf({ progress: { total } }: Run, lanes: number): number | null {
  return total === null ? null : Math.ceil(total / lanes)
}

function LaneRow({ run, lane, share }: { run: Run; lane: Lane; share: number | null }) {
  const { done, skipped } = lane.progress
  const total = lane.status === 'completed' || (share !== null && done > share) ? done : share
  // Seen as a run of its own.
  const { error: _error, retry: _retry, attention: _attention, ...rest } = run
  const alone: Run = { ...rest, ...lane, progress: { done, skipped, total } }
  return (
    <tr>
      <td class="figure">{lane.lane}</td>
      <td title={whyWords(alone)}>
        <StatusBadge run={alone} />
        {lane.error ? (
          <div class="quiet">
            <LongText text={lane.error.message} />
          </div>
        ) : null}
      </td>
      <td>
        <ProgressBar run={alone} />
      </td>
      <td>
        <Cursor value={lane.cursor} />
      </td>
      <td class="figure">{count(lane.slices)}</td>
      <td class="figure">{duration(lane.workedMs)}</td>
    </tr>
  )
}
