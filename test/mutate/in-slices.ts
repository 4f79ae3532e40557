import type { Mutation } from './mutation.ts'

const LATCH = 'src/engine/pass/latch.ts'
const CLOSING = 'src/engine/slice/closing.ts'
const SLICE = 'src/engine/slice/slice.ts'
const MISSING = 'engine/store/missing-guards.test.ts'

/** Guards in a slice: what it commits, how it stops, and how it ends. */
export const IN_SLICES: readonly Mutation[] = [
  {
    id: 'M35',
    what: 'no heartbeat renews the lease',
    file: 'src/engine/slice/reporter.ts',
    find: 'if (this.#deps.clock.now() - this.#lastCommitAt < HEARTBEAT_LIMIT_MS) this.send()',
    replace: '',
    tests: [MISSING],
  },
  {
    id: 'M40',
    what: 'a suspended state is kept for forks',
    file: 'src/engine/store/kept-state.ts',
    find: 'if (checkpoint.suspended || ',
    replace: 'if (',
    tests: [MISSING, 'engine/runs/forks.test.ts'],
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
    find: `if (lane.state.status !== 'active') return ending.close()`,
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
    what: 'the latch lets user code go on that was asked to stop',
    file: LATCH,
    find: 'if (this.told) throw this.#error()',
    replace: '',
    tests: [
      'engine/slice/user-code.test.ts',
      'engine/pass/swallowed-stops.test.ts',
      'engine/pass/unawaited.test.ts',
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
    tests: ['engine/slice/user-code.test.ts', 'engine/pass/unawaited.test.ts'],
  },
  {
    id: 'salvage',
    what: 'the effects of an item that failed are committed',
    file: 'src/engine/pass/pass.ts',
    find: `    this.pending.salvage()
`,
    replace: '',
  },
  {
    id: 'rolled-back',
    what: 'the effects of an item that is passed over are committed',
    file: 'src/engine/pass/pending-commit.ts',
    find: `    this.rollback()
    const { done`,
    replace: '    const { done',
    tests: [
      'conformance/errors.test.ts',
      'engine/enumerators/file-skips.test.ts',
      'engine/store/refused-effects.test.ts',
      'engine/slice/hard-items.test.ts',
    ],
  },
  {
    id: 'attempt-effects',
    what: 'the effects of an attempt that failed are committed with those of the next',
    file: 'src/engine/styles/item-attempts.ts',
    find: 'if (!concurrent) pending.rollback()',
    replace: '',
    tests: [
      'conformance/errors.test.ts',
      'engine/slice/hard-items.test.ts',
      'samples/samples-errors.test.ts',
    ],
  },
  {
    id: 'end-guard',
    what: 'an end whose guard failed is taken for written',
    file: 'src/engine/slice/ending.ts',
    find: `      case 'guard':
      case 'unknown':
        return { kind: 'rewind', cause: outcome.error }`,
    replace: `      case 'guard':
      case 'unknown':
        return this.close()`,
  },
  {
    id: 'children-first',
    what: 'a run is closed before its follow-ups are created',
    file: CLOSING,
    find: '  const first = children.filter(',
    replace: `  await markClosed(db, run.id, new Date(clock.now()).toISOString(), fence)
  const first = children.filter(`,
    tests: [
      'engine/slice/ending.test.ts',
      'engine/slice/many-children.test.ts',
      'engine/slice/adversarial.test.ts',
    ],
  },
  {
    id: 'children-left',
    what: 'a run is closed although some follow-ups are left',
    file: CLOSING,
    find: `if (!started) return { kind: 'interrupted', reason: 'budget', directiveMet: false }`,
    replace: '',
    tests: ['engine/slice/many-children.test.ts', 'engine/slice/ending.test.ts'],
  },
  {
    id: 'child-id',
    what: 'a follow-up gets a new id each time it is listed',
    file: CLOSING,
    find: 'const id = await derivedId(run.id, String(position))',
    replace: `const id = crypto.randomUUID().replaceAll('-', '')`,
    tests: [
      'engine/slice/ending.test.ts',
      'engine/slice/many-children.test.ts',
      'engine/slice/adversarial.test.ts',
    ],
  },
  {
    id: 'fan-in',
    what: 'who waits for all children is started while one is under way',
    file: 'src/engine/runs/children.ts',
    find: 'if (active + missing > 0) return true',
    replace: '',
    tests: [
      'engine/slice/ending.test.ts',
      'engine/slice/many-children.test.ts',
      'shop/welcome-mails.test.ts',
    ],
  },
  {
    id: 'heartbeat-limit',
    what: 'a slice that commits nothing any more keeps its lease for ever',
    file: 'src/engine/slice/reporter.ts',
    find: 'if (this.#deps.clock.now() - this.#lastCommitAt < HEARTBEAT_LIMIT_MS) this.send()',
    replace: 'this.send()',
    tests: ['engine/slice/heartbeats.test.ts'],
  },
]
