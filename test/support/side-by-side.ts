import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Those that take longest, most of it waiting for processes that start and for runs that come back. */
const LONG = ['kill.test.ts', 'browser.test.ts', 'browser-live.test.ts', 'browser-forms.test.ts']

/**
 * Spreads the files that start processes and wait for them evenly among those that work: beside two that
 * keep the two cores of a small machine busy there is room for one that waits. The longest begin first.
 */
export class SideBySide extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    const working = sorted.filter(({ project }) => project.name !== 'node')
    const waiting = sorted.filter(({ project }) => project.name === 'node')
    const longest = waiting.filter((file) => isLong(file))
    const queue = [...longest, ...waiting.filter((file) => !isLong(file))]
    const apart = Math.max(1, Math.floor(working.length / Math.max(1, queue.length)))
    const order: TestSpecification[] = []
    for (const [index, file] of working.entries()) {
      const next = index % apart === 0 ? queue.shift() : undefined
      order.push(...(next ? [next] : []), file)
    }
    return [...order, ...queue]
  }
}

function isLong({ moduleId }: TestSpecification): boolean {
  return LONG.some((name) => moduleId.endsWith(`/${name}`))
}
