import { client } from '../../state/api.ts'
import { useBeginning } from '../../state/effect.ts'
import { useQuery } from '../../state/query.ts'
import { answerWords, whatWords } from '../audit-table.tsx'
import { When } from '../status.tsx'
import { href } from '../../state/base.ts'

/** The audit of a run: who has changed what about it. */
export function RunAudit({ id, state }: { id: string; state: string }) {
  const audit = useQuery(`audit ${id}`, () => client.audit({ run: id, limit: 20 }))
  useBeginning(() => audit.soon(), [state])
  if (!audit.data || audit.data.entries.length === 0) return null
  return (
    <section class="sheet flush" aria-labelledby="audit">
      <div class="head">
        <h2 id="audit">Audit trail</h2>
        <a class="small" href={href(`/audit?run=${id}`)}>
          All
        </a>
      </div>
      <ul class="list">
        {audit.data.entries.map((entry) => (
          <li key={entry.id} class="small">
            <div class="head">
              <span>
                <strong>{whatWords(entry)}</strong> by {entry.actor}
              </span>
              <span class="quiet">
                <When at={entry.at} />
              </span>
            </div>
            {answerWords(entry) === undefined ? null : <p class="refused">{answerWords(entry)}</p>}
          </li>
        ))}
      </ul>
    </section>
  )
}
