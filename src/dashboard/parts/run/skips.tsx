import { client, type Run, type Skip } from '../../state/api.ts'
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
  const page = async (cursor?: string) => {
    const { skips, nextCursor } = await client.skips(id, {
      limit: PAGE,
      ...(cursor !== undefined && { cursor }),
    })
    return { items: skips, nextCursor }
  }
  // A full page stays what it is, however many come after it.
  const first = useQuery(`skips ${id} ${Math.min(skipped, PAGE + 1)}`, () => page())
  const { items, more, busy, problem } = usePaged(first.data, page)
  const left = skipped - items.length
  return (
    <section class="sheet flush" aria-labelledby="skips">
      <div class="head">
        <h2 id="skips">Skipped items</h2>
        <span class="quiet small">
          {left > 0 ? `${count(items.length)} of ${count(skipped)}` : count(skipped)}
          {style === 'iteration' ? '; a re-drive runs just these' : ''}
        </span>
      </div>
      <Answer of={first}>{() => <SkipTable skips={items} />}</Answer>
      <ProblemNotice problem={problem} />
      {more ? (
        <div class="pages row">
          <button type="button" class="small" disabled={busy} onClick={more}>
            Load {count(Math.max(1, Math.min(PAGE, left)))} more
          </button>
        </div>
      ) : null}
    </section>
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
