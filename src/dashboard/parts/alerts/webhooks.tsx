import { useAction } from '../../state/action.ts'
import { client, type WebhookPage } from '../../state/api.ts'
import { useQuery } from '../../state/query.ts'
import { useMay } from '../../state/session.tsx'
import { Deliveries } from './deliveries.tsx'
import { Answer, Empty, ProblemNotice } from '../notice.tsx'

const EVERY_MS = 3_000
const SHOWN = 30

/** The endpoints that ends and alerts go to, with the newest deliveries. */
export function Webhooks() {
  const webhooks = useQuery('webhooks', () => client.webhooks({ limit: SHOWN }), EVERY_MS)
  return (
    <>
      <section class="sheet flush" aria-labelledby="endpoints">
        <div class="head">
          <h2 id="endpoints">Webhooks</h2>
        </div>
        <Answer of={webhooks}>{(all) => <Endpoints of={all} onDone={webhooks.again} />}</Answer>
      </section>
      {webhooks.data && webhooks.data.deliveries.length > 0 ? (
        <Deliveries deliveries={webhooks.data.deliveries} onDone={webhooks.again} />
      ) : null}
    </>
  )
}

function Endpoints({ of, onDone }: { of: WebhookPage; onDone: () => void }) {
  const may = useMay()
  const { act, busy, problem } = useAction(onDone)
  if (of.problem !== undefined) {
    return (
      <div class="notice tone-failed" role="alert">
        <strong>Misconfigured</strong>
        <span>{of.problem}</span>
      </div>
    )
  }
  if (of.endpoints.length === 0) {
    return (
      <Empty>
        Nobody is notified. The secret <code>WEBHOOKS</code> says to whom ends and alerts go.
      </Empty>
    )
  }
  return (
    <>
      <ProblemNotice problem={problem} />
      <ul class="list">
        {of.endpoints.map(({ name, origin, events, jobs }) => (
          <li key={name} class="head">
            <div>
              <strong>{name}</strong> <span class="mono">{origin}</span>
              <div class="small quiet">
                {namesOr(events, 'all events')}, of {namesOr(jobs, 'all jobs')}
              </div>
            </div>
            {may('admin') ? (
              <button
                type="button"
                class="small"
                disabled={busy}
                onClick={() => act(() => client.testWebhook(name))}
              >
                Send a test<span class="unseen"> to {name}</span>
              </button>
            ) : null}
          </li>
        ))}
      </ul>
    </>
  )
}

function namesOr(names: readonly string[] | null | undefined, all: string): string {
  return names && names.length > 0 ? names.join(', ') : all
}
