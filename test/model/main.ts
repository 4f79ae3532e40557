import { parseArgs } from 'node:util'
import { CONFIGURATIONS } from './configurations.ts'
import { explore, type Machine } from './explore.ts'
import { LANE_SIZES } from './lanes/configurations.ts'
import { LANES } from './lanes/machine.ts'
import { LANE_MUTATIONS } from './lanes/mutations.ts'
import { MUTATIONS } from './mutations.ts'
import { ONE_LANE } from './one-lane.ts'

/**
 * Explores the protocol of a run, and that of its lanes: `npm run model`. Exits with 1 when a promise can be broken,
 * or when a guard that is no spare one can be taken away unnoticed.
 *
 *   npm run model                     all configurations, then all mutations: some minutes
 *   npm run model -- check            the protocol as it is
 *   npm run model -- mutations        each guard taken away
 */
const USAGE = 'expected: npm run model -- [check | mutations]'

/** A mutation is caught long before that; a spare guard is tried up to here. */
const MUTATION_STATES = 700_000

function check<World, Size, Guard>(
  machine: Machine<World, Size, Guard>,
  sizes: Readonly<Record<string, Size>>,
): boolean {
  const results = Object.entries(sizes).map(([name, size]) => {
    const startedAt = Date.now()
    const { states, edges, violation, trace } = explore(machine, size, new Set())
    const seconds = ((Date.now() - startedAt) / 1_000).toFixed(1)
    say(
      `${name.padEnd(10)} ${states} states, ${edges} edges, ${seconds} s: ${violation || 'holds'}`,
    )
    for (const move of trace) say(`  ${move}`)
    return violation === ''
  })
  return results.every(Boolean)
}

interface AnyMutation<Guard> {
  without: readonly Guard[]
  what: string
  in: readonly string[]
  spare?: true
  noFaults?: true
}

function mutate<World, Size extends { faults: number }, Guard>(
  machine: Machine<World, Size, Guard>,
  sizes: Readonly<Record<string, Size>>,
  mutations: readonly AnyMutation<Guard>[],
): boolean {
  const results = mutations.map(({ without, what, in: names, spare = false, noFaults }) => {
    const found = names.map((name) => {
      const size = { ...(sizes[name] as Size), ...(noFaults && { faults: 0 }) }
      return { name, ...explore(machine, size, new Set(without), MUTATION_STATES) }
    })
    const caught = found.some(({ violation }) => violation !== '')
    const ok = caught !== spare
    say(
      `${ok ? 'ok ' : 'BAD'} ${caught ? 'caught' : 'spare '} without ${without.join(', ')}: ${what}`,
    )
    for (const { name, states, violation, trace } of found) {
      say(`      ${name}: ${violation || 'nothing'} in ${states} states, ${trace.length} moves`)
    }
    return ok
  })
  return results.every(Boolean)
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

const { positionals } = parseArgs({ allowPositionals: true })
const [what = 'all'] = positionals
if (!['all', 'check', 'mutations'].includes(what)) {
  process.stderr.write(`${USAGE}\n`)
  process.exit(2)
}
const results = [
  ...(what === 'mutations' ? [] : [check(ONE_LANE, CONFIGURATIONS), check(LANES, LANE_SIZES)]),
  ...(what === 'check'
    ? []
    : [mutate(ONE_LANE, CONFIGURATIONS, MUTATIONS), mutate(LANES, LANE_SIZES, LANE_MUTATIONS)]),
]
process.exitCode = results.every(Boolean) ? 0 : 1
