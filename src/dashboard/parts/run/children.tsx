import { isEnded } from '../../../engine/run.ts'
import { client, type Run } from '../../state/api.ts'
import { useQuery } from '../../state/query.ts'
import { Answer } from '../notice.tsx'
import { StatusBadge } from '../status.tsx'
import { href } from '../../state/base.ts'

const SHOWN = 20
const EVERY_MS = 3_000

/** The runs that followed a run, each with how it stands. */
export function Children({ ids }: { ids: readonly string[] }) {
  const shown = ids.slice(0, SHOWN)
  const children = useQuery(
    `children ${shown.join(' ')}`,
    async () => {
      const { runs } = await client.runs({ ids: shown.join(',') })
      return shown.flatMap((id) => runs.find((run) => run.id === id) ?? [])
    },
    EVERY_MS,
  )
  return (
    <section class="sheet flush" aria-labelledby="children">
      <div class="head">
        <h2 id="children">Follow-up runs</h2>
        <span class="quiet small">
          {ids.length > SHOWN ? `${SHOWN} of ${ids.length}` : wordsFor(children.data)}
        </span>
      </div>
      <Answer of={children}>
        {(runs) => (
          <ul class="list">
            {runs.map((run) => (
              <li key={run.id} class="head">
                <a href={href(`/runs/${run.id}`)}>{run.job}</a>
                <StatusBadge run={run} />
              </li>
            ))}
          </ul>
        )}
      </Answer>
    </section>
  )
}

function wordsFor(runs: readonly Run[] | undefined): string {
  if (!runs) return ''
  const left = runs.filter(({ status }) => !isEnded(status)).length
  return left === 0 ? 'all have ended' : `${left} under way`
}
