import { href } from '../../state/base.ts'
import { useZone } from '../../state/zone.ts'
import { TICK_TONES, type Tick, tickWords } from '../../words/tick-words.ts'

/** The last ticks of a schedule as dots, the newest at the right; each says what became of it, and leads to its run. */
export function TickStrip({ name, ticks }: { name: string; ticks: readonly Tick[] }) {
  if (ticks.length === 0) return null
  return (
    <ul class="tick-strip" aria-label={`Last ticks of ${name}`}>
      {ticks.toReversed().map((tick) => (
        <li key={tick.tick}>
          <Dot tick={tick} />
        </li>
      ))}
    </ul>
  )
}

function Dot({ tick }: { tick: Tick }) {
  const words = tickWords(tick, useZone())
  const look = { class: `tick tone-${TICK_TONES[tick.outcome]}`, 'data-words': words }
  if (tick.run === null) return <span {...look} role="img" tabIndex={0} aria-label={words} />
  return <a {...look} href={href(`/runs/${tick.run}`)} aria-label={words} />
}
