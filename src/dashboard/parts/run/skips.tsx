import { client, type Run } from '../../state/api.ts'
import { useQuery } from '../../state/query.ts'
import { count, cursorWords } from '../../words/words.ts'
import { LongText } from '../long-text.tsx'
import { Answer } from '../notice.tsx'
import { When } from '../status.tsx'

const SHOWN = 100

/** Items that were recorded as failed and passed over. */
export function Skips({ run: { id, progress, style } }: { run: Run }) {
  const { skipped } = progress
  const skips = useQuery(`skips ${id} ${skipped}`, () => client.skips(id, { limit: SHOWN }))
  return (
    <section class="sheet flush" aria-labelledby="skips">
      <div class="head">
        <h2 id="skips">Skipped items</h2>
        <span class="quiet small">
          {skipped > SHOWN ? `the first ${SHOWN} of ${count(skipped)}` : count(skipped)}
          {style === 'iteration' ? '; a re-drive runs just these' : ''}
        </span>
      </div>
      <Answer of={skips}>
        {(page) => (
          <div class="scroll tall" tabIndex={0}>
            <table class="small">
              <thead>
                <tr>
                  <th>Cursor</th>
                  <th>Error</th>
                  <th class="figure">Attempts</th>
                  <th>Skipped</th>
                </tr>
              </thead>
              <tbody>
                {page.skips.map(({ step, cursor, error, attempts, skippedAt }) => (
                  <tr key={`${step} ${JSON.stringify(cursor)}`}>
                    <td class="mono">{cursorWords(cursor)}</td>
                    <td>
                      <strong>{error.code ?? error.name}</strong> <LongText text={error.message} />
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
        )}
      </Answer>
    </section>
  )
}
