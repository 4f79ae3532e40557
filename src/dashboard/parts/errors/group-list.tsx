import type { ErrorGroup } from '../../state/api.ts'
import { LongText } from '../long-text.tsx'
import { GroupActs } from './group-acts.tsx'
import { Extent, GroupLink, GroupState } from './group-words.tsx'
import { Trend } from './trend.tsx'

/** Groups of errors, each with what can be done about it. */
export function GroupList({
  groups,
  onDone,
}: {
  groups: readonly ErrorGroup[]
  onDone: () => void
}) {
  return (
    <ul class="list">
      {groups.map((group) => (
        <li key={group.id} class="alert">
          <Group group={group} onDone={onDone} />
        </li>
      ))}
    </ul>
  )
}

/** One of them, as it stands in any list. */
export function Group({ group, onDone }: { group: ErrorGroup; onDone: () => void }) {
  return (
    <>
      <div class="head">
        <GroupLink group={group} />
        {isPlain(group) ? null : <GroupState group={group} />}
      </div>
      <p class="small">
        <LongText text={group.message} />
      </p>
      <div class="row extent">
        <Extent group={group} />
        <Trend counts={group.lastDay} each="hour" />
      </div>
      <GroupActs group={group} onDone={onDone} />
    </>
  )
}

/** Open, as most of those that are listed are: that needs no saying. */
function isPlain({ state, returnedAt }: ErrorGroup): boolean {
  return state === 'open' && returnedAt === undefined
}
