import { client } from '../state/api.ts'
import { AuditTable } from '../parts/audit-table.tsx'
import { Answer, Empty } from '../parts/notice.tsx'
import { Pages } from '../parts/pages.tsx'
import { useQuery } from '../state/query.ts'
import { go, type Route } from '../state/route.ts'
import { href } from '../state/base.ts'

const PAGE = 50

/** The audit: who has changed what, the newest first. */
export function AuditView({ route: { query } }: { route: Route }) {
  const [actor = '', run = '', cursor = ''] = ['actor', 'run', 'cursor'].map(
    (name) => query.get(name) ?? '',
  )
  const audit = useQuery(`audit?${query}`, () =>
    client.audit({
      limit: PAGE,
      ...(actor && { actor }),
      ...(run && { run }),
      ...(cursor && { cursor: Number(cursor) }),
    }),
  )
  const turn = (next: string) => {
    const to = new URLSearchParams(query)
    to.set('cursor', next)
    go(`/audit?${to}`)
  }
  return (
    <>
      <h1>Audit trail</h1>
      <AuditFilters actor={actor} run={run} />
      <section class="sheet flush" aria-label="Entries">
        <Answer of={audit}>
          {({ entries, nextCursor }) =>
            entries.length === 0 ? (
              <Empty>Nobody has changed anything here.</Empty>
            ) : (
              <>
                <AuditTable entries={entries} />
                <Pages
                  back={cursor === '' ? undefined : () => history.back()}
                  further={nextCursor === null ? undefined : () => turn(nextCursor)}
                />
              </>
            )
          }
        </Answer>
      </section>
    </>
  )
}

function AuditFilters({ actor, run }: { actor: string; run: string }) {
  const find = (event: Event) => {
    event.preventDefault()
    const entries = [...new FormData(event.currentTarget as HTMLFormElement)]
    const given = entries.flatMap(([name, value]) =>
      typeof value === 'string' && value.trim() !== '' ? [[name, value.trim()]] : [],
    )
    go(`/audit?${new URLSearchParams(given)}`)
  }
  return (
    <form class="filters" role="search" onSubmit={find}>
      <label class="field">
        <span>Who</span>
        <input name="actor" value={actor} placeholder="name of a token or person" />
      </label>
      <label class="field wide">
        <span>Run</span>
        <input name="run" value={run} placeholder="id of a run" class="mono" />
      </label>
      <button type="submit">Find</button>
      {actor || run ? (
        <a class="small" href={href('/audit')}>
          Clear
        </a>
      ) : null}
    </form>
  )
}
