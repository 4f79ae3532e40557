import { setZone, useZone } from '../state/zone.ts'
import { type Zone, zoneName } from '../words/times.ts'

const WORDS: Record<Zone, string> = { local: 'local', utc: 'UTC' }

/** Chooses the clock of all times on the page. */
export function ZoneSwitch() {
  const zone = useZone()
  return (
    <div class="chips zones" role="group" aria-label={`Times in ${zoneName(zone)}`}>
      {(['local', 'utc'] as const).map((one) => (
        <button
          key={one}
          type="button"
          aria-pressed={`${one === zone}`}
          title={`Show times in ${zoneName(one)}`}
          onClick={() => setZone(one)}
        >
          {WORDS[one]}
        </button>
      ))}
    </div>
  )
}

/** Stands at the head of a list of times. */
export function ZoneLabel() {
  return <span class="quiet zone">{zoneName(useZone())}</span>
}
