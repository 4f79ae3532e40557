import type { Child } from 'hono/jsx'
import { Term } from './term.tsx'

/** A part of the page under a title of its own. */
export function Sheet({ id, title, children }: { id: string; title: string; children: Child }) {
  return (
    <section class="sheet" aria-labelledby={id}>
      <h2 id={id}>
        <Term>{title}</Term>
      </h2>
      {children}
    </section>
  )
}
