import { useState } from 'hono/jsx/dom'
import { client, type Verification } from '../../state/api.ts'
import { useQuery } from '../../state/query.ts'
import { ProblemNotice } from '../notice.tsx'

/** The proof that a run did everything exactly once; it is made when somebody asks. */
export function Proof({ id }: { id: string }) {
  const [asked, ask] = useState(false)
  const proof = useQuery(asked ? `proof ${id}` : undefined, () => client.verification(id))
  return (
    <section class="sheet" aria-label="Verification">
      <div class="head">
        <h2>Verification</h2>
        <button
          type="button"
          class="small"
          disabled={asked && !proof.data && !proof.problem}
          onClick={() => (asked ? proof.again() : ask(true))}
        >
          {proof.data ? 'Verify again' : 'Verify'}
        </button>
      </div>
      <ProblemNotice problem={proof.problem} />
      <div aria-live="polite">
        {proof.data ? (
          <Checks of={proof.data} />
        ) : (
          <p class="quiet small">
            {asked && !proof.problem
              ? 'Reading the ledger…'
              : 'Proves from the ledger, and by what its job claims, that each item was done exactly once.'}
          </p>
        )}
      </div>
    </section>
  )
}

export function Checks({ of }: { of: Verification }) {
  return (
    <ul class="checks">
      {of.checks.map(({ name, ok, expected, actual }) => (
        <li key={name} class={ok ? 'tone-completed' : 'tone-failed'}>
          <span class="mark" aria-hidden="true">
            {ok ? '✓' : '✗'}
          </span>
          <span>
            <span class="unseen">{ok ? 'holds: ' : 'does not hold: '}</span>
            {name}
            {ok ? null : (
              <code>
                {' '}
                expected {JSON.stringify(expected)}, found {JSON.stringify(actual)}
              </code>
            )}
          </span>
        </li>
      ))}
    </ul>
  )
}
