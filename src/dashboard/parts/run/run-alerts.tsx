import { client } from '../../state/api.ts'
import { useBeginning } from '../../state/effect.ts'
import { useQuery } from '../../state/query.ts'
import { AlertList } from '../alerts/alert-list.tsx'

/** The alerts of a run; not there when there were none. */
export function RunAlerts({ id, state }: { id: string; state: string }) {
  const alerts = useQuery(`alerts ${id}`, () => client.alerts({ run: id, limit: 10 }))
  useBeginning(() => alerts.soon(), [state])
  if (!alerts.data || alerts.data.alerts.length === 0) return null
  return (
    <section class="sheet flush" aria-labelledby="alerts">
      <div class="head">
        <h2 id="alerts">Alerts</h2>
      </div>
      <AlertList alerts={alerts.data.alerts} onDone={alerts.again} ofRun />
    </section>
  )
}
