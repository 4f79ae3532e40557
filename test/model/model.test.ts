import { describe, expect, it } from 'vitest'
import { SMALL, type ConfigurationName } from './configurations.ts'
import { explore } from './explore.ts'
import { ONE_LANE } from './one-lane.ts'
import { MUTATIONS } from './mutations.ts'
import { SMALL_LANE_SIZES, type LaneSizeName } from './lanes/configurations.ts'
import { LANES } from './lanes/machine.ts'
import { LANE_MUTATIONS } from './lanes/mutations.ts'

/** What `npm run model` explores at length, here in small worlds. */
describe('the protocol of a run, as a model', () => {
  it.each(Object.keys(SMALL) as ConfigurationName[])('holds in every schedule of %s', (name) => {
    const { violation, trace, states } = explore(ONE_LANE, SMALL[name], new Set())
    expect({ violation, trace }).toEqual({ violation: '', trace: [] })
    expect(states).toBeGreaterThan(100)
  })

  it.each(MUTATIONS.map((mutation) => ({ ...mutation, guards: mutation.without.join(', ') })))(
    'without $guards: $what',
    ({ without, in: names, spare = false, noFaults }) => {
      const violations = names.map((name) => {
        const size = { ...SMALL[name], ...(noFaults && { faults: 0 }) }
        return explore(ONE_LANE, size, new Set(without), 100_000).violation
      })
      expect(violations.some((violation) => violation !== '')).toBe(!spare)
    },
  )
})

describe('the lanes of a run, as a model', () => {
  it.each(Object.keys(SMALL_LANE_SIZES) as LaneSizeName[])(
    'hold in every schedule of %s',
    (name) => {
      const { violation, trace, states } = explore(LANES, SMALL_LANE_SIZES[name], new Set())
      expect({ violation, trace }).toEqual({ violation: '', trace: [] })
      expect(states).toBeGreaterThan(1_000)
    },
  )

  it.each(LANE_MUTATIONS.map((mutation) => ({ ...mutation, guards: mutation.without.join(', ') })))(
    'without $guards: $what',
    ({ without, in: names, spare = false }) => {
      const violations = names.map(
        (name) => explore(LANES, SMALL_LANE_SIZES[name], new Set(without), 40_000).violation,
      )
      expect(violations.some((violation) => violation !== '')).toBe(!spare)
    },
  )
})
