import { RunHost } from '../../durable-objects/run-host.ts'
import * as author from '../../src/engine/index.ts'
import { Registry } from '../../src/engine/job/registry.ts'
import { startRun } from '../../src/engine/runs/start.ts'
import { runSlice } from '../../src/engine/slice/slice.ts'
import { StatementBudget } from '../../src/engine/store/d1/metered-database.ts'
import { judgeRuns } from '../../src/monitoring/judge.ts'
import { jobsWith } from './jobs.ts'
import * as landed from './landed-2026-11-30.js'

/** All that runs are worked with, of one and the same time. */
type Code = Pick<
  typeof landed,
  'judgeRuns' | 'Registry' | 'RunHost' | 'runSlice' | 'startRun' | 'StatementBudget'
>

function versionOf(code: Code, written: Parameters<typeof jobsWith>[0], codeVersion: string) {
  const jobs = jobsWith(written)
  return { ...code, codeVersion, jobs, registry: new code.Registry(Object.values(jobs)) }
}

const today = versionOf(
  { judgeRuns, Registry, RunHost, runSlice, startRun, StatementBudget },
  author,
  '2026-12-01',
)

export const VERSIONS = {
  landed: versionOf(landed, landed, '2026-11-30'),
  today,
  /** A release to come, whose objects have no use for slices from before the numbers of the protocol. */
  demanding: {
    ...today,
    RunHost: class extends RunHost {
      override minimum = 1
    },
  },
}

export type Version = keyof typeof VERSIONS
