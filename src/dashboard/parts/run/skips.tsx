import { useState } from 'hono/jsx/dom'
import { client, type Run, type Skip, type SkipGroups as Groups } from '../../state/api.ts'
import { href } from '../../state/base.ts'
import { usePaged } from '../../state/paged.ts'
import { useQuery } from '../../state/query.ts'
import { count, cursorWords } from '../../words/words.ts'
import { LongText } from '../long-text.tsx'
import { Answer, ProblemNotice } from '../notice.tsx'
import { When } from '../status.tsx'
import { ZoneLabel } from '../zone.tsx'

const PAGE = 100

/** Items that were recorded as failed and passed over, the first ones first. */
export function Skips({ run: { id, progress, style } }: { run: Run }) {
  const { skipped } = progress
  const [group, setGroup] = useState<string | undefined>(undefined)
  const groups = useQuery(`skip groups ${id} ${skipped}`, () => client.skipGroups(id))
  const shown = groups.data?.groups.find((one) => one.id === group)
  return (
    <section class="sheet flush" aria-labelledby="skips">
      <div class="head">
        <h2 id="skips">Skipped items</h2>
        <span class="quiet small">
          {count(skipped)}
          {style === 'iteration' ? '; a re-drive runs just these' : ''}
        </span>
        <Downloads id={id} group={group} />
      </div>
      <Answer of={groups}>
        {(all) => <SkipGroups of={all} chosen={group} choose={setGroup} />}
      </Answer>
      <SkipList key={group ?? ''} id={id} group={group} skipped={shown?.skips ?? skipped} />
    </section>
  )
}

function Downloads({ id, group }: { id: string; group: string | undefined }) {
  const of = (format: string) =>
    href(
      `/api/runs/${id}/skips/file?format=${format}${group === undefined ? '' : `&group=${group}`}`,
    )
  return (
    <span class="row small">
      <a href={of('csv')} download data-server>
        CSV
      </a>
      <a href={of('jsonl')} download data-server>
        JSON lines
      </a>
    </span>
  )
}

/** What went wrong how often; one of them narrows the list down to its own. */
function SkipGroups({
  of: { groups, others },
  chosen,
  choose,
}: {
  of: Groups
  chosen: string | undefined
  choose: (group: string | undefined) => void
}) {
  if (groups.length === 0) return null
  return (
    <ul class="skip-groups" aria-label="By error">
      {groups.map(({ id, error, skips }) => (
        <li key={id} class="row">
          <button
            type="button"
            class="small"
            aria-pressed={`${chosen === id}`}
            onClick={() => choose(chosen === id ? undefined : id)}
          >
            {count(skips)}
            <span class="unseen">
              {' '}
              with this error: show {chosen === id ? 'all' : 'just these'}
            </span>
          </button>
          <span>
            <strong>{error.code ?? error.name}</strong>{' '}
            <LongText text={error.group?.template ?? error.message} />
          </span>
        </li>
      ))}
      {others > 0 ? <li class="quiet small">{count(others)} in no group</li> : null}
    </ul>
  )
}

function SkipList({
  id,
  group,
  skipped,
}: {
  id: string
  group: string | undefined
  skipped: number
}) {
  const page = async (cursor?: string) => {
    const { skips, nextCursor } = await client.skips(id, {
      limit: PAGE,
      ...(group !== undefined && { group }),
      ...(cursor !== undefined && { cursor }),
    })
    return { items: skips, nextCursor }
  }
  // A full page stays what it is, however many come after it.
  const key = `skips ${id} ${group ?? ''} ${Math.min(skipped, PAGE + 1)}`
  const first = useQuery(key, () => page())
  const { items, more, busy, problem } = usePaged(first.data, page)
  const left = skipped - items.length
  return (
    <>
      <Answer of={first}>{() => <SkipTable skips={items} />}</Answer>
      <ProblemNotice problem={problem} />
      {more ? (
        <div class="pages row">
          <button type="button" class="small" disabled={busy} onClick={more}>
            Load {count(Math.max(1, Math.min(PAGE, left)))} more
          </button>
          <span class="quiet small">
            {count(items.length)} of {count(skipped)}
          </span>
        </div>
      ) : null}
    </>
  )
}

function SkipTable({ skips }: { skips: readonly Skip[] }) {
  return (
    <div class="scroll tall" tabIndex={0}>
      <table class="small">
        <thead>
          <tr>
            <th>Cursor</th>
            <th>Error</th>
            <th class="figure">Attempts</th>
            <th>
              Skipped <ZoneLabel />
            </th>
          </tr>
        </thead>
        <tbody>
          {skips.map(({ step, cursor, error, attempts, skippedAt, by }) => (
            <tr key={`${step} ${JSON.stringify(cursor)}`}>
              <td class="mono">{cursorWords(cursor)}</td>
              <td>
                <strong>{error.code ?? error.name}</strong> <LongText text={error.message} />
                {by === undefined ? null : <span class="quiet small"> passed over by {by}</span>}
              </td>
              <td class="figure">{attempts}</td>
              <td>
                <When at={skippedAt} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
