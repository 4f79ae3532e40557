import type { Schedule } from '../../state/api.ts'
import { count, minuteText } from '../../words/words.ts'
import { Empty } from '../notice.tsx'
import { href } from '../../state/base.ts'
import { TickStrip } from './tick-strip.tsx'

/** The runs that start by the clock, and what became of the last ticks. */
export function Schedules({ schedules }: { schedules: readonly Schedule[] }) {
  if (schedules.length === 0) return <Empty>No job has a schedule.</Empty>
  return (
    <ul class="list">
      {schedules.map((schedule) => {
        const { name, job, cron, timeZone, nextTick, lastRun, skipped, ticks } = schedule
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
              {job}, next at <time dateTime={nextTick}>{minuteText(nextTick)}</time>
              {lastRun ? (
                <>
                  , <a href={href(`/runs/${lastRun.run}`)}>last at {minuteText(lastRun.tick)}</a>
                </>
              ) : null}
              {skipped > 0 ? `, ${count(skipped)} ticks skipped` : ''}
            </p>
            <TickStrip name={name} ticks={ticks} />
            <Failing schedule={schedule} />
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
          since <time dateTime={failingSince}>{minuteText(failingSince)} UTC</time>
        </>
      )}
      : {error.message}
    </p>
  )
}
