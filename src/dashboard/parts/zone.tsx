import { useZone, zone } from '../state/zone.ts'
import { zoneName } from '../words/times.ts'
import { Choices } from './choices.tsx'

/** Chooses the clock of all times on the page. */
export function ZoneSwitch() {
  return (
    <Choices
      of={zone}
      name={`Times in ${zoneName(useZone())}`}
      words={(one) => (one === 'utc' ? 'UTC' : one)}
      explained={(one) => `Show times in ${zoneName(one)}`}
    />
  )
}

/** Stands at the head of a list of times. */
export function ZoneLabel() {
  return <span class="quiet zone">{zoneName(useZone())}</span>
}
