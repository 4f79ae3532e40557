import type { Problem } from '../api.ts'
import type { Query } from '../query.ts'

/** What is wrong, in the API's own words. Read out as soon as it shows. */
export function ProblemNotice({ problem }: { problem: Problem | undefined }) {
  if (!problem) return null
  const lost = problem.code === 'unreachable'
  return (
    <p class="notice problem" role="alert">
      <strong>{lost ? 'Connection lost.' : problem.code}</strong> {problem.message}
      {lost ? '. Trying again.' : ''}
    </p>
  )
}

/** Shows the answer once it is there; until then that it is on its way; and what is wrong with it. */
export function Answer<T>({ of, children }: { of: Query<T>; children: (data: T) => unknown }) {
  return (
    <>
      <ProblemNotice problem={of.problem} />
      {of.data === undefined && !of.problem ? (
        <p class="quiet" aria-busy="true">
          Loading…
        </p>
      ) : null}
      {of.data === undefined ? null : children(of.data)}
    </>
  )
}
