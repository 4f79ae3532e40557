/** A guard of the protocol, taken away: a text of a file, and what stands there instead. */
export interface Mutation {
  /** As in the hostile test of November 2026, where it had one. */
  id: string
  /** What is left then. */
  what: string
  file: string
  /** Stands in the file exactly once. */
  find: string
  replace: string
  /** The test files that are to notice, below `test/`. @default the protocol's */
  tests?: readonly string[]
  /** Why nothing needs to notice: another guard does its work, or its lack costs time only. */
  spare?: string
}

/** What most guards are tried with. */
export const PROTOCOL_TESTS: readonly string[] = [
  'engine/store/commit.test.ts',
  'durable-objects/ownership.test.ts',
  'durable-objects/driving.test.ts',
  'engine/slice/ending.test.ts',
  'engine/slice/adversarial.test.ts',
  'engine/slice/stopping.test.ts',
  'engine/store/missing-guards.test.ts',
  'engine/drive/driving.test.ts',
]
