import type { Mutation } from './mutation.ts'

const LATCH = 'src/engine/pass/latch.ts'
const SLICE = 'src/engine/slice/slice.ts'
const MISSING = 'integration/missing-guards.test.ts'

/** Guards in a slice: what it commits, how it stops, and how it ends. */
export const IN_SLICES: readonly Mutation[] = [
  {
    id: 'M35',
    what: 'no heartbeat renews the lease',
    file: 'src/engine/slice/reporter.ts',
    find: 'if (this.#clock.now() - this.#lastCommitAt < HEARTBEAT_LIMIT_MS) this.send()',
    replace: '',
    tests: [MISSING],
  },
  {
    id: 'M40',
    what: 'a suspended state is kept for forks',
    file: 'src/engine/store/kept-state.ts',
    find: `  if (checkpoint.suspended) return null
`,
    replace: '',
    tests: [MISSING, 'integration/forks.test.ts'],
  },
  {
    id: 'M41',
    what: 'an unknown outcome of a commit is taken for a written one',
    file: 'src/engine/store/d1/held-lane.ts',
    find: 'return { kind: d1Verdict(error), error }',
    replace: `if (d1Verdict(error) !== 'unknown') return { kind: d1Verdict(error), error }`,
  },
  {
    id: 'M44',
    what: 'a run that has ended is performed',
    file: SLICE,
    find: `if (state.status !== 'active') return ending.close()`,
    replace: '',
  },
  {
    id: 'M54',
    what: 'a slice raises again for ever',
    file: SLICE,
    find: 'if (rewinds < MAX_REWINDS) continue',
    replace: 'if (rewinds < MAX_REWINDS * 1_000) continue',
    tests: [MISSING],
  },
  {
    id: 'M56',
    what: 'the latch lets user code go on that was told to stop',
    file: LATCH,
    find: 'if (this.told) throw this.#error()',
    replace: '',
    tests: [
      'integration/user-code.test.ts',
      'integration/swallowed-stops.test.ts',
      'integration/unawaited.test.ts',
    ],
    spare: 'whoever comes to it has looked at the latch in the same turn',
  },
  {
    id: 'M57',
    what: 'a closed latch lets the effects of a slice that is over through',
    file: LATCH,
    find: `  close(): void {
    this.#closed = true`,
    replace: '  close(): void {',
    tests: ['integration/user-code.test.ts', 'integration/unawaited.test.ts'],
  },
]
