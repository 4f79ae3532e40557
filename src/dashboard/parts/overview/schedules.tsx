import { useAction } from '../../state/action.ts'
import { client, type Schedule } from '../../state/api.ts'
import { go } from '../../state/route.ts'
import { useMay } from '../../state/session.tsx'
import { count } from '../../words/words.ts'
import { Empty, ProblemNotice } from '../notice.tsx'
import { href } from '../../state/base.ts'
import { Minute } from '../status.tsx'
import { TickStrip } from './tick-strip.tsx'

/** The runs that start by the clock, and what became of the last ticks. */
export function Schedules({
  schedules,
  onDone,
}: {
  schedules: readonly Schedule[]
  onDone: () => void
}) {
  if (schedules.length === 0) return <Empty>Nothing is started by the clock.</Empty>
  return (
    <ul class="list">
      {schedules.map((schedule) => {
        const { name, job, cron, timeZone, nextTick, lastRun, skipped, ticks, pausedAt } = schedule
        return (
          <li key={name}>
            <div class="head">
              <a class="strong" href={href(`/runs?schedule=${name}`)}>
                {name}
              </a>
              <span class="small">
                <code>{cron}</code> <span class="quiet">{timeZone}</span>
              </span>
            </div>
            <p class="small quiet">
              {job},{' '}
              {pausedAt === null ? (
                <>
                  next at <Minute at={nextTick} />
                </>
              ) : (
                <strong>
                  paused since <Minute at={pausedAt} />
                </strong>
              )}
              {lastRun ? (
                <>
                  ,{' '}
                  <a href={href(`/runs/${lastRun.run}`)}>
                    last at <Minute at={lastRun.tick} />
                  </a>
                </>
              ) : null}
              {skipped > 0 ? `, ${count(skipped)} ticks skipped` : ''}
            </p>
            <TickStrip name={name} ticks={ticks} />
            <Failing schedule={schedule} />
            <Buttons schedule={schedule} onDone={onDone} />
          </li>
        )
      })}
    </ul>
  )
}

function Failing({ schedule: { error, failingSince } }: { schedule: Schedule }) {
  if (!error) return null
  return (
    <p class="small refused">
      Starts no run
      {failingSince === null ? null : (
        <>
          {' '}
          since <Minute at={failingSince} />
        </>
      )}
      : {error.message}
    </p>
  )
}

function Buttons({
  schedule: { name, pausedAt },
  onDone,
}: {
  schedule: Schedule
  onDone: () => void
}) {
  const may = useMay()
  const { act, busy, problem } = useAction(onDone)
  if (!may('operator')) return null
  const [words, steer] =
    pausedAt === null
      ? (['Pause', client.pauseSchedule] as const)
      : (['Resume', client.resumeSchedule] as const)
  return (
    <div class="row" role="group" aria-label={`Steer the schedule ${name}`}>
      <button
        type="button"
        class="small"
        disabled={busy}
        onClick={() => act(async () => go(`/runs/${(await client.runSchedule(name)).id}`))}
      >
        Run now
      </button>
      <button type="button" class="small" disabled={busy} onClick={() => act(() => steer(name))}>
        {words}
      </button>
      <ProblemNotice problem={problem} />
    </div>
  )
}
