import { client } from '../api.ts'
import { useQuery } from '../query.ts'
import { AuditTable } from './audit-table.tsx'

/** Who has changed what about a run. */
export function RunAudit({ id, state }: { id: string; state: string }) {
  const audit = useQuery(`audit ${id} ${state}`, () => client.audit({ run: id, limit: 20 }))
  if (!audit.data || audit.data.entries.length === 0) return null
  return (
    <section class="sheet flush" aria-labelledby="audit">
      <div class="head">
        <h2 id="audit">Audit trail</h2>
        <a class="small" href={`/audit?run=${id}`}>
          All
        </a>
      </div>
      <AuditTable entries={audit.data.entries} ofRun />
    </section>
  )
}
