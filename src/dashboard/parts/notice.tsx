import type { Child } from 'hono/jsx'
import { client, type Problem } from '../state/api.ts'
import { tellConnection, useConnectionLost, useHeld } from '../state/connection.ts'
import { useBeginning } from '../state/effect.ts'
import type { Query } from '../state/query.ts'
import { useZone } from '../state/zone.ts'
import { clock, zoneName } from '../words/times.ts'

/** A problem, in the API's own words. Read out as soon as it shows. */
export function ProblemNotice({ problem }: { problem: Problem | undefined }) {
  if (!problem) return null
  const lost = problem.code === 'unreachable'
  return (
    <div class="notice tone-failed" role="alert">
      <strong>{lost ? 'Connection lost' : problem.code}</strong>
      <span>{problem.message}</span>
    </div>
  )
}

/** Says once for the whole page that what it shows may be old. */
export function ConnectionNotice() {
  const lost = useConnectionLost()
  useBeginning(() => {
    if (!lost) return undefined
    // Also in a view that asks for nothing by itself.
    const look = () => client.health().then(() => tellConnection(false))
    const timer = setInterval(() => void look().catch(() => undefined), 2_000)
    return () => clearInterval(timer)
  }, [lost])
  const held = useHeld()
  if (!lost && held > 0) return <HeldNotice until={held} />
  if (!lost) return null
  return (
    <div class="notice lost tone-failed" role="alert">
      <strong>Connection lost.</strong>
      <span>What is shown may be old. Trying again.</span>
    </div>
  )
}

/** The page stays as it is meanwhile. */
function HeldNotice({ until }: { until: number }) {
  const zone = useZone()
  const at = clock(new Date(until).toISOString(), zone).slice(0, -4)
  return (
    <div class="notice lost tone-interrupted" role="status">
      <strong>Too many requests.</strong>
      <span>
        What is shown may be old. Asking again at {at} {zoneName(zone)}.
      </span>
    </div>
  )
}

/**
 * Shows the answer once it is there; until then that it is on its way; and what is wrong with it. A
 * lost connection shows on the whole page, not by each part.
 */
export function Answer<T>({ of, children }: { of: Query<T>; children: (data: T) => Child }) {
  const told = of.problem?.code === 'unreachable' ? undefined : of.problem
  return (
    <>
      <ProblemNotice problem={told} />
      {of.data === undefined && !told ? <Loading /> : null}
      {of.data === undefined ? null : children(of.data)}
    </>
  )
}

export function Loading() {
  return (
    <div class="stack pad" aria-busy="true" role="status">
      <span class="unseen">Loading…</span>
      <div class="skeleton" />
      <div class="skeleton" />
    </div>
  )
}

/** Stands where there is nothing yet: says so, and what to do. */
export function Empty({ children }: { children: Child }) {
  return (
    <div class="empty">
      <svg
        viewBox="0 0 32 32"
        width="40"
        height="40"
        fill="none"
        stroke="currentColor"
        aria-hidden="true"
      >
        <path d="M7 3.5h12.5L25.5 9.5v19H7z" />
        <path d="M19.5 3.5v6h6z" fill="currentColor" />
      </svg>
      <div>{children}</div>
    </div>
  )
}
