import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Those that take longest, so that none of them is left to one worker at the end. Longest first. */
const LONG = [
  'e2e/kill',
  'examples/four-steps',
  'e2e/real-data',
  'cli/project/migrate',
  'e2e/browser-live',
  'e2e/demo',
  'e2e/browser',
  'e2e/interrupt',
  'examples/examples',
  'examples/killed',
  'examples/doctor',
  'e2e/cli',
  'e2e/docs',
  'package/types',
  'e2e/demo-emails',
  'model/model',
  'cli/command',
  'conformance/property-steps',
  'conformance/property-walks',
  'conformance/crashes',
  'conformance/hostile-steps',
  'conformance/hostile-walks',
  'engine/styles/concurrency',
  'testing/explore',
  'conformance/crashes-mail',
  'conformance/crashes-branches',
  'conformance/crashes-reports',
]

/** A clean clone knows no durations from runs before. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    return sorted.toSorted(
      (one, other) => one.project.name.localeCompare(other.project.name) || rank(one) - rank(other),
    )
  }
}

function rank({ moduleId }: TestSpecification): number {
  const found = LONG.findIndex((name) => moduleId.endsWith(`/test/${name}.test.ts`))
  return found === -1 ? LONG.length : found
}
