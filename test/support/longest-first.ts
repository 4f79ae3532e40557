import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Those that take longest, so that none of them is left to one worker at the end. Longest first. */
const LONG = [
  'e2e/kill',
  'e2e/real-data',
  'e2e/docs',
  'e2e/browser',
  'types/types',
  'e2e/browser-live',
  'e2e/demo',
  'e2e/cli',
  'model/model',
  'e2e/interrupt',
  'cli/command',
  'conformance/property-walks',
  'conformance/property-steps',
  'conformance/hostile-steps',
  'conformance/hostile-walks',
  'conformance/crashes',
  'conformance/crashes-branches',
  'conformance/crashes-reports',
  'conformance/crashes-mail',
  'testing/explore',
]

/** A clean clone knows no durations from runs before. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    return sorted.toSorted((one, other) => rank(one) - rank(other))
  }
}

function rank({ moduleId }: TestSpecification): number {
  const found = LONG.findIndex((name) => moduleId.endsWith(`/test/${name}.test.ts`))
  return found === -1 ? LONG.length : found
}
