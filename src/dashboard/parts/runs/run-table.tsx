import { isEnded } from '../../../engine/run.ts'
import type { Run } from '../../state/api.ts'
import type { Choosing } from '../../state/choosing.ts'
import { pace } from '../../figures/rate-series.ts'
import { useRates } from '../../state/rates.ts'
import { duration, rateWords, tookWords } from '../../words/words.ts'
import { Cursor, ProgressBar, StatusBadge, When } from '../status.tsx'
import { ZoneLabel } from '../zone.tsx'
import { href } from '../../state/base.ts'

/** Runs as rows. With `choosing` each can be ticked. */
export function RunTable({
  runs,
  choosing,
}: {
  runs: readonly Run[]
  choosing: Choosing | undefined
}) {
  const rateOf = useRates(runs)
  return (
    <table class="runs">
      <thead>
        <tr>
          {choosing ? (
            <th>
              <Tick words="Choose all on this page" runs={runs} choosing={choosing} />
            </th>
          ) : null}
          <th>Run</th>
          <th>Status</th>
          <th>Progress</th>
          <th class="wide-only">
            Created <ZoneLabel />
          </th>
          <th class="wide-only figure">Took</th>
          <th class="wider-only">Finished</th>
          <th class="wide-only message">Error, or where it is</th>
        </tr>
      </thead>
      <tbody>
        {runs.map((run) => (
          <Row key={run.id} run={run} itemsPerSecond={rateOf(run)} choosing={choosing} />
        ))}
      </tbody>
    </table>
  )
}

function Row({
  run,
  itemsPerSecond,
  choosing,
}: {
  run: Run
  itemsPerSecond: number | undefined
  choosing: Choosing | undefined
}) {
  return (
    <tr>
      {choosing ? (
        <td>
          <Tick
            words={`Choose run ${run.id.slice(0, 8)} of ${run.job}`}
            runs={[run]}
            choosing={choosing}
          />
        </td>
      ) : null}
      <td>
        <Name run={run} />
      </td>
      <td>
        <StatusBadge run={run} />
      </td>
      <td>
        <ProgressBar run={run} />
        <Pace run={run} itemsPerSecond={itemsPerSecond} />
      </td>
      <td class="wide-only small">
        <When at={run.createdAt} />
      </td>
      <td class="wide-only small figure">{tookWords(run)}</td>
      <td class="wider-only small">{run.finishedAt ? <When at={run.finishedAt} /> : null}</td>
      <td class="wide-only small message">
        <Message run={run} />
      </td>
    </tr>
  )
}

/** Why it failed; of a run that has not, its step and cursor. On one line: the whole is on the run's own page. */
function Message({ run: { status, error, step, cursor } }: { run: Run }) {
  if (error && status !== 'completed') {
    const name = error.code ?? error.name
    return (
      <span title={error.message}>
        <span class="quiet">{name}</span> {error.message}
      </span>
    )
  }
  return isEnded(status) ? null : (
    <>
      {step} <Cursor value={cursor} />
    </>
  )
}

function Tick({
  words,
  runs,
  choosing: { chosen, choose },
}: {
  words: string
  runs: readonly Run[]
  choosing: Choosing
}) {
  const ids = runs.map(({ id }) => id)
  return (
    <input
      type="checkbox"
      aria-label={words}
      checked={ids.every((id) => chosen.has(id))}
      onChange={(event: Event) => choose(ids, (event.target as HTMLInputElement).checked)}
    />
  )
}

/** Of which job it is, with its id and labels. */
function Name({ run: { id, job, labels } }: { run: Run }) {
  return (
    <div class="run-name">
      <a href={href(`/runs/${id}`)} class="strong" title={job}>
        {job}
      </a>
      <span class="mono small quiet">{id.slice(0, 8)}</span>
      {Object.entries(labels ?? {}).map(([name, value]) => (
        <span key={name} class="badge plain" title={`${name}:${value}`}>
          {name}:{value}
        </span>
      ))}
    </div>
  )
}

function Pace({ run, itemsPerSecond }: { run: Run; itemsPerSecond: number | undefined }) {
  const { perSecond, leftMs } = pace(run.progress, itemsPerSecond)
  if (perSecond === undefined) return null
  return (
    <span class="small quiet figure rate">
      {rateWords(perSecond)}
      {leftMs === undefined ? '' : `, ${duration(leftMs)} left`}
    </span>
  )
}
