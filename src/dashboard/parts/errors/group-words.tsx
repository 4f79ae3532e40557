import type { ErrorGroup } from '../../state/api.ts'
import { href } from '../../state/base.ts'
import { useZone } from '../../state/zone.ts'
import { minute, zoneName } from '../../words/times.ts'
import { count } from '../../words/words.ts'
import { When } from '../status.tsx'

/** How many runs are failed with it, since when and when last. */
export function Extent({ group }: { group: ErrorGroup }) {
  const { failed, occurrences, firstAt, lastAt } = group
  return (
    <span class="small">
      <strong>{failed === 1 ? '1 run' : `${count(failed)} runs`}</strong>
      <span class="quiet">
        {occurrences > failed ? ` of ${count(occurrences)} that failed with it` : ''}, first{' '}
        <When at={firstAt} />, last <When at={lastAt} />
      </span>
    </span>
  )
}

const TONES = {
  open: 'failed',
  dismissed: 'queued',
  muted: 'paused',
  resolved: 'completed',
} as const

/** Whether somebody should look at it; if not, why not. */
export function GroupState({ group }: { group: ErrorGroup }) {
  const zone = useZone()
  const { state, returnedAt, dismissedBy, mutedUntil, mutedBy } = group
  const words = {
    open: returnedAt === undefined ? 'open' : 'back after it was dismissed',
    dismissed: dismissedBy === undefined ? 'dismissed' : `dismissed by ${dismissedBy}`,
    muted: `muted until ${mutedUntil === undefined ? '' : `${minute(mutedUntil, zone)} ${zoneName(zone)}`}${mutedBy === undefined ? '' : ` by ${mutedBy}`}`,
    resolved: 'resolved',
  }
  return <span class={`badge tone-${TONES[state]}`}>{words[state]}</span>
}

/** Its job and what failed, as a link to all there is to know of it. */
export function GroupLink({ group: { id, job, error } }: { group: ErrorGroup }) {
  return (
    <a href={href(`/errors/${id}`)} class="strong">
      {job} <span class="quiet">{error}</span>
    </a>
  )
}
