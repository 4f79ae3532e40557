import type { Schedule } from '../../state/api.ts'
import { count, minuteText } from '../../words/words.ts'
import { Empty } from '../notice.tsx'
import { href } from '../../state/base.ts'

/** The runs that start by the clock. */
export function Schedules({ schedules }: { schedules: readonly Schedule[] }) {
  if (schedules.length === 0) return <Empty>No job has a schedule.</Empty>
  return (
    <ul class="list">
      {schedules.map(({ name, job, cron, timeZone, nextTick, lastRun, skipped }) => (
        <li key={name}>
          <div class="head">
            <span class="strong">{name}</span>
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
        </li>
      ))}
    </ul>
  )
}
