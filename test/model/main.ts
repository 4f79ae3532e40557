import { parseArgs } from 'node:util'
import { CONFIGURATIONS, type ConfigurationName } from './configurations.ts'
import { explore } from './explore.ts'
import { MUTATIONS } from './mutations.ts'

/**
 * Explores the protocol of a run: `npm run model`. Exits with 1 when a promise can be broken, or when a
 * guard that is no spare one can be taken away unnoticed.
 *
 *   npm run model                     all configurations, then all mutations: some minutes
 *   npm run model -- check            the protocol as it is
 *   npm run model -- mutations        each guard taken away
 */
const USAGE = 'expected: npm run model -- [check | mutations]'

/** A mutation is caught long before that; a spare guard is tried up to here. */
const MUTATION_STATES = 700_000

function check(): boolean {
  const names = Object.keys(CONFIGURATIONS) as ConfigurationName[]
  const results = names.map((name) => {
    const startedAt = Date.now()
    const { states, edges, violation, trace } = explore(CONFIGURATIONS[name], new Set())
    const seconds = ((Date.now() - startedAt) / 1_000).toFixed(1)
    say(`${name.padEnd(8)} ${states} states, ${edges} edges, ${seconds} s: ${violation || 'holds'}`)
    for (const move of trace) say(`  ${move}`)
    return violation === ''
  })
  return results.every(Boolean)
}

function mutate(): boolean {
  const results = MUTATIONS.map(({ without, what, in: names, spare = false, noFaults }) => {
    const found = names.map((name) => {
      const size = { ...CONFIGURATIONS[name], ...(noFaults && { faults: 0 }) }
      return { name, ...explore(size, new Set(without), MUTATION_STATES) }
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
const checked = what === 'mutations' || check()
const mutated = what === 'check' || mutate()
process.exitCode = checked && mutated ? 0 : 1
