import { useAction, type Action } from '../../state/action.ts'
import { client, type Delivery } from '../../state/api.ts'
import { useMay } from '../../state/session.tsx'
import { count } from '../../words/words.ts'
import { LongText } from '../long-text.tsx'
import { ProblemNotice } from '../notice.tsx'
import { Badge, RunLink, When } from '../status.tsx'
import { ZoneLabel } from '../zone.tsx'

/** Messages to webhooks, each with how it went. */
export function Deliveries({
  deliveries,
  onDone,
}: {
  deliveries: readonly Delivery[]
  onDone: () => void
}) {
  const action = useAction(onDone)
  return (
    <section class="sheet flush" aria-labelledby="deliveries">
      <div class="head">
        <h2 id="deliveries">Deliveries</h2>
      </div>
      <ProblemNotice problem={action.problem} />
      <div class="scroll" tabIndex={0}>
        <table class="small">
          <thead>
            <tr>
              <th>
                When <ZoneLabel />
              </th>
              <th>Event</th>
              <th>To</th>
              <th>Run</th>
              <th>Status</th>
              <th class="figure">Attempts</th>
              <th>
                <span class="unseen">Retry</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {deliveries.map((delivery) => (
              <Row key={delivery.id} delivery={delivery} action={action} />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  )
}

function Row({ delivery, action: { act, busy } }: { delivery: Delivery; action: Action }) {
  const may = useMay()
  const { id, endpoint, event, run, status, attempts, lastError, createdAt } = delivery
  return (
    <tr>
      <td>
        <When at={createdAt} />
      </td>
      <td class="mono">{event}</td>
      <td>{endpoint}</td>
      <td>{run === null ? null : <RunLink id={run} />}</td>
      <td>
        <Badge tone={status}>{status.replace('_', ' ')}</Badge>
        {lastError === null ? null : (
          <div class="quiet">
            <LongText text={lastError} />
          </div>
        )}
      </td>
      <td class="figure">{count(attempts)}</td>
      <td>
        {status !== 'delivered' && may('admin') ? (
          <button
            type="button"
            class="small"
            disabled={busy}
            onClick={() => act(() => client.retryDelivery(id))}
          >
            Try now
          </button>
        ) : null}
      </td>
    </tr>
  )
}
