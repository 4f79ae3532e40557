import { describe, expect, it } from 'vitest'
import { SMALL, type ConfigurationName } from './configurations.ts'
import { explore } from './explore.ts'
import { MUTATIONS } from './mutations.ts'

/** What `npm run model` explores at length, here in small worlds. */
describe('the protocol of a run, as a model', () => {
  it.each(Object.keys(SMALL) as ConfigurationName[])('holds in every schedule of %s', (name) => {
    const { violation, trace, states } = explore(SMALL[name], new Set())
    expect({ violation, trace }).toEqual({ violation: '', trace: [] })
    expect(states).toBeGreaterThan(100)
  })

  it.each(MUTATIONS.map((mutation) => ({ ...mutation, guards: mutation.without.join(', ') })))(
    'without $guards: $what',
    ({ without, in: names, spare = false, noFaults }) => {
      const violations = names.map((name) => {
        const size = { ...SMALL[name], ...(noFaults && { faults: 0 }) }
        return explore(size, new Set(without), 100_000).violation
      })
      expect(violations.some((violation) => violation !== '')).toBe(!spare)
    },
  )
})
