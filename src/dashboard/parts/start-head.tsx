import { useMay } from '../state/session.tsx'
import { href } from '../state/base.ts'

/** The title of a view, with the way to start a run beside it. */
export function StartHead({ title }: { title: string }) {
  const may = useMay()
  return (
    <div class="head">
      <h1>{title}</h1>
      {may('operator') ? (
        <a class="button primary" href={href('/start')}>
          Start a run
        </a>
      ) : null}
    </div>
  )
}
