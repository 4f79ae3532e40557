import type { Run } from '../../src/client/index.ts'

/** A run as the API tells of it, in the middle of its work. */
export function aRun(changes: Partial<Run> = {}): Run {
  return {
    id: 'b7e1',
    job: 'process-orders',
    style: 'continuable',
    status: 'running',
    step: 'process_orders',
    cursor: 347,
    completedSteps: ['load_orders'],
    progress: { done: 347, total: 1000, skipped: 0 },
    params: {},
    attempts: 0,
    interruptions: 1,
    resumptions: 1,
    slices: 2,
    workedMs: 4_200,
    commits: 30,
    cost: {
      d1RowsRead: 1,
      d1RowsWritten: 2,
      d1Statements: 3,
      queueOperations: 4,
      durableObjectRequests: 5,
    },
    codeVersion: 'v1',
    createdAt: '2026-02-02T10:23:40.000Z',
    updatedAt: '2026-02-02T10:23:45.678Z',
    children: [],
    ...changes,
  }
}
