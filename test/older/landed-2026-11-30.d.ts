/** As they are today: what messages and jobs look like has only been added to. */
export { RunHost } from '../../durable-objects/run-host.ts'
export { defineIteration, defineJob, setStatement } from '../../src/engine/index.ts'
export { Registry } from '../../src/engine/job/registry.ts'
export { startRun } from '../../src/engine/runs/start.ts'
export { runSlice } from '../../src/engine/slice/slice.ts'
export { StatementBudget } from '../../src/engine/store/d1/metered-database.ts'
export { judgeRuns } from '../../src/monitoring/judge.ts'
