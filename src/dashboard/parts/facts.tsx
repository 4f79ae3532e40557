import type { Child } from 'hono/jsx'
import { Term } from './term.tsx'

/** Names with what they stand for: side by side as figures, or as lines. */
export function Facts({
  of,
  look = 'facts',
}: {
  of: readonly (readonly [name: string, value: Child])[]
  look?: 'facts' | 'pairs'
}) {
  return (
    <dl class={look}>
      {of.map(([name, value]) => (
        <div key={name}>
          <dt>
            <Term>{name}</Term>
          </dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}
