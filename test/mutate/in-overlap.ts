import type { Mutation } from './mutation.ts'

const WRITER = 'src/engine/pass/commit-writer.ts'
const PACER = 'src/engine/pass/commit-pacer.ts'
const CONCURRENT = 'src/engine/styles/concurrent-walk.ts'
const SIZE = 'src/engine/drive/slice-size.ts'
const OVERLAP = ['engine/pass/overlap.test.ts']
const CONCURRENCY = ['engine/styles/concurrency.test.ts']

/** Guards of work that goes on while a commit is under way, of items at once, and of slices made smaller. */
export const IN_OVERLAP: readonly Mutation[] = [
  {
    id: 'overlap-end',
    what: 'a run may end while a commit is not answered',
    file: 'src/engine/slice/performing.ts',
    find: `    await pass.answered()
`,
    replace: '',
    tests: OVERLAP,
  },
  {
    id: 'overlap-one',
    what: 'two commits are under way at once',
    file: WRITER,
    find: 'if (this.#inFlight) await this.answered()',
    replace: '',
    tests: OVERLAP,
  },
  {
    id: 'overlap-failed',
    what: 'a commit that failed while nobody waited is forgotten',
    file: WRITER,
    find: '    this.#failed = stopAfter(outcome, commit)\n',
    replace: '',
    tests: OVERLAP,
  },
  {
    id: 'overlap-each',
    what: 'items are worked on before the one before is durable, though each is to be',
    file: PACER,
    find: 'this.overlaps = everyItems !== 1 && everyMs > 0',
    replace: 'this.overlaps = true',
    tests: [...OVERLAP, 'engine/pass/pacing.test.ts'],
  },
  {
    id: 'overlap-at-stake',
    what: 'work goes on however much is at stake',
    file: PACER,
    find: 'return this.#sentSince !== undefined && now - this.#sentSince >= this.#everyMs',
    replace: 'return false',
    tests: ['engine/pass/pacing.test.ts'],
  },
  {
    id: 'overlap-report',
    what: 'the object hears of commits before they are answered',
    file: 'src/engine/store/d1/held-lane.ts',
    find: '    } = this.#answered\n',
    replace: '    } = this.state\n',
    tests: OVERLAP,
  },
  {
    id: 'at-once-order',
    what: 'what an item has added counts before the items before it are done',
    file: CONCURRENT,
    find: 'const [oldest] = this.#begun\n',
    replace: 'const oldest = this.#begun.find(({ outcome }) => outcome) ?? this.#begun[0]\n',
    tests: CONCURRENCY,
  },
  {
    id: 'at-once-most',
    what: 'more items are at work than may be',
    file: CONCURRENT,
    find: '    if (this.#atWork.size >= this.#concurrency) return false\n',
    replace: '',
    tests: CONCURRENCY,
  },
  {
    id: 'at-once-exact',
    what: 'items are begun beyond where the slice is to stop',
    file: CONCURRENT,
    find: 'return this.#begun.length === 0 || !pass.stopsAfter(more, counts)',
    replace: 'return true',
    tests: CONCURRENCY,
  },
  {
    id: 'at-once-quiet',
    what: 'a slice ends while its items are at work',
    file: CONCURRENT,
    find: '    await concurrent.quiet()\n',
    replace: '',
    tests: CONCURRENCY,
  },
  {
    id: 'slice-size-vanished',
    what: 'slices that vanish do not become smaller',
    file: 'src/engine/drive/lease.ts',
    find: '    if (d.cautious || d.sliceSize) vanishedAgain(d, d.lease)\n',
    replace: '',
    tests: ['testing/simulator/limits.test.ts'],
  },
  {
    id: 'slice-size-back',
    what: 'slices that come back do not become larger again',
    file: SIZE,
    find: '    items: Math.max(items, Math.min(items * 2, most)),',
    replace: '    items,',
    tests: ['engine/drive/slice-size.test.ts'],
  },
]
