import { client, type Run } from '../../state/api.ts'
import { href } from '../../state/base.ts'
import { useQuery } from '../../state/query.ts'
import { count } from '../../words/words.ts'
import { LongText } from '../long-text.tsx'

type RunError = NonNullable<Run['error']>

/** The problems of a run, above everything else about it. */
export function RunNotices({ run: { attention, error } }: { run: Run }) {
  return (
    <>
      {attention ? (
        <div class="notice tone-failed" role="alert">
          <strong>Look at it</strong>
          <LongText text={attention} />
        </div>
      ) : null}
      {error ? (
        <section class="notice error tone-failed" aria-label="Error">
          <ErrorWords error={error} />
          {error.group ? <SameError id={error.group.id} /> : null}
        </section>
      ) : null}
    </>
  )
}

/** How many other runs are failed with it, and the way to all of them. */
function SameError({ id }: { id: string }) {
  const group = useQuery(`error ${id}`, () => client.error(id))
  if (!group.data) return null
  const { failed } = group.data
  return (
    <p class="small">
      <a href={href(`/errors/${id}`)}>
        {failed <= 1
          ? 'The only run with this error'
          : `1 of ${count(failed)} runs with this error`}
      </a>
    </p>
  )
}

/** An error, where it happened, and what caused it. */
function ErrorWords({ error }: { error: RunError }) {
  const { at, statement, stack, cause } = error
  return (
    <>
      <p>
        <strong>{error.code ?? error.name}</strong> <LongText text={error.message} />
      </p>
      {at ? (
        <p>
          {at.items === undefined ? 'At cursor' : `In a batch of ${count(at.items)}, at cursor`}{' '}
          <code>{at.cursor}</code> of step <code>{at.step}</code>
        </p>
      ) : null}
      {statement ? <pre tabIndex={0}>{statement}</pre> : null}
      {cause ? (
        <div class="cause">
          <span class="quiet small">Caused by</span>
          <ErrorWords error={cause} />
        </div>
      ) : null}
      {stack ? (
        <details>
          <summary class="small">Stack</summary>
          <pre tabIndex={0}>{stack}</pre>
        </details>
      ) : null}
    </>
  )
}
