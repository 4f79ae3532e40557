import type { Mutation } from './mutation.ts'

const BY_FENCE = 'src/engine/store/d1/by-fence.ts'
const COMMIT_BATCH = 'src/engine/store/d1/commit-batch.ts'
const CREATE_RUN = 'src/engine/store/d1/create-run.ts'
const ENDED_RUN = 'src/engine/store/d1/ended-run.ts'
const HELD_LANE = 'src/engine/store/d1/held-lane.ts'
const INDEX_RUN = 'src/engine/store/d1/index-run.ts'
const PURGE = 'src/engine/store/d1/purge.ts'
const MISSING = 'engine/store/missing-guards.test.ts'

/** Guards in the statements on D1, and in what its answers are taken for. */
export const IN_DATABASE: readonly Mutation[] = [
  {
    id: 'M01',
    what: 'a raise does not look at the fence',
    file: HELD_LANE,
    find: 'WHERE run_id = ?1 AND lane = ?2 AND fence <= ?3',
    replace: 'WHERE run_id = ?1 AND lane = ?2',
  },
  {
    id: 'M02',
    what: 'a raise leaves seq alone',
    file: HELD_LANE,
    find: 'SET fence = ?3, seq = seq + 1, token = ?5',
    replace: 'SET fence = ?3, token = ?5',
    tests: ['engine/store/commit.test.ts'],
  },
  {
    id: 'M03',
    what: 'a raise leaves the fence alone',
    file: HELD_LANE,
    find: 'SET fence = ?3, seq = seq + 1, token = ?5',
    replace: 'SET seq = seq + 1, token = ?5',
  },
  {
    id: 'M04',
    what: 'the guard does not look at seq',
    file: COMMIT_BATCH,
    find: 'AND dogear_lanes.seq = ?3 AND dogear_lanes.token',
    replace: 'AND dogear_lanes.token',
  },
  {
    id: 'M05',
    what: 'the guard does not look at the status',
    file: COMMIT_BATCH,
    find: `AND dogear_runs.status = 'active' \${mayEnd}`,
    replace: '${mayEnd}',
  },
  {
    id: 'token',
    what: 'the guard does not look at the token of the raise',
    file: COMMIT_BATCH,
    find: 'AND dogear_lanes.token = ?13',
    replace: 'AND ?13 IS NOT NULL',
    tests: ['engine/store/commit.test.ts'],
  },
  {
    id: 'M06',
    what: 'a run is completed although another lane has not finished',
    file: COMMIT_BATCH,
    find: 'other.lane <> ?2 AND other.finished = 0',
    replace: 'other.lane <> ?2 AND other.finished = 2',
  },
  {
    id: 'M07',
    what: 'an end is written over another end',
    file: COMMIT_BATCH,
    find: `FROM dogear_lanes WHERE run_id = ?1)
  WHERE id = ?1 AND status = 'active'\``,
    replace: `FROM dogear_lanes WHERE run_id = ?1)
  WHERE id = ?1\``,
    spare: 'the guard of the same batch has looked at the status',
  },
  {
    id: 'M08',
    what: 'a commit leaves seq alone',
    file: COMMIT_BATCH,
    find: 'UPDATE dogear_lanes SET seq = seq + 1, checkpoint = ?3',
    replace: 'UPDATE dogear_lanes SET checkpoint = ?3',
  },
  {
    id: 'M21',
    what: 'a cancel does not look at the fence',
    file: BY_FENCE,
    find: `WHERE id = ?1 AND status IN ('active', 'cancelled')
    AND NOT EXISTS (SELECT 1 FROM dogear_lanes WHERE run_id = ?1 AND fence > ?2)`,
    replace: `WHERE id = ?1 AND status IN ('active', 'cancelled') AND ?2 >= 0`,
  },
  {
    id: 'M22',
    what: 'a cancel is written over another end',
    file: BY_FENCE,
    find: `AND status IN ('active', 'cancelled')`,
    replace: '',
  },
  {
    id: 'M23',
    what: `the object's raise does not use up a seq`,
    file: BY_FENCE,
    find: 'SET fence = ?2, seq = seq + 1, token = NULL',
    replace: 'SET fence = ?2',
  },
  {
    id: 'M25',
    what: 'a reopening does not look at the fence',
    file: BY_FENCE,
    find: `AND status IN ('failed', 'cancelled')
    AND NOT EXISTS (SELECT 1 FROM dogear_lanes WHERE run_id = ?1 AND fence > ?2)`,
    replace: `AND status IN ('failed', 'cancelled') AND ?2 >= 0`,
    tests: [MISSING],
  },
  {
    id: 'M26',
    what: 'an older index is written over a newer one',
    file: INDEX_RUN,
    find: `AND rev < ?2 AND status = 'active'`,
    replace: `AND status = 'active'`,
  },
  {
    id: 'M27',
    what: 'the index of an ended run is written',
    file: INDEX_RUN,
    find: `AND rev < ?2 AND status = 'active'`,
    replace: 'AND rev < ?2',
    spare: 'an object that has seen the end has nothing left to index',
  },
  {
    id: 'M28',
    what: 'creation writes over a run that is there',
    file: CREATE_RUN,
    find: 'INSERT OR IGNORE INTO dogear_runs (',
    replace: 'INSERT OR REPLACE INTO dogear_runs (',
    tests: ['durable-objects/lost-storage.test.ts', MISSING],
  },
  {
    id: 'M33',
    what: 'a run that is active is marked as closed',
    file: ENDED_RUN,
    find: `status <> 'active' AND closed_at IS NULL`,
    replace: 'closed_at IS NULL',
    tests: [MISSING],
  },
  {
    id: 'M42',
    what: 'a failed guard is taken for effects that D1 refuses',
    file: 'src/engine/store/d1/verdict.ts',
    find: `if (byCheck && GUARD.test(message)) return 'guard'`,
    replace: '',
  },
  {
    id: 'lane',
    what: 'a late creation begins a lane again',
    file: CREATE_RUN,
    find: 'INSERT OR IGNORE INTO dogear_lanes (',
    replace: 'INSERT OR REPLACE INTO dogear_lanes (',
    tests: ['durable-objects/lost-storage.test.ts', MISSING],
  },
  {
    id: 'fork-lane',
    what: 'a late creation of a fork begins its lane again',
    file: 'src/engine/store/d1/forked-lane.ts',
    find: `INSERT OR IGNORE INTO dogear_lanes
`,
    replace: `INSERT OR REPLACE INTO dogear_lanes
`,
    tests: [
      'engine/runs/forks.test.ts',
      'engine/runs/fork-promises.test.ts',
      'durable-objects/debts.test.ts',
    ],
  },
  {
    id: 'raise-all',
    what: 'the object raises lanes that have a higher fence',
    file: BY_FENCE,
    find: `token = NULL, touched_at = ?3
  WHERE run_id = ?1 AND fence <= ?2 AND lane = coalesce(?4, lane)\``,
    replace: `token = NULL, touched_at = ?3
  WHERE run_id = ?1 AND lane = coalesce(?4, lane)\``,
  },
  {
    id: 'object-token',
    what: `the object's raise leaves the token alone`,
    file: BY_FENCE,
    find: 'SET fence = ?2, seq = seq + 1, token = NULL,',
    replace: 'SET fence = ?2, seq = seq + 1,',
    tests: [
      'durable-objects/time-travel.test.ts',
      'engine/store/commit.test.ts',
      'engine/slice/stopping.test.ts',
      'durable-objects/ownership.test.ts',
    ],
  },
  {
    id: 'fail-fence',
    what: 'the object fails a run without a look at the fence',
    file: BY_FENCE,
    find: `closed_at = iif(?4, ?3, NULL)
  WHERE id = ?1 AND status = 'active'
    AND NOT EXISTS (SELECT 1 FROM dogear_lanes WHERE run_id = ?1 AND fence > ?2)`,
    replace: `closed_at = iif(?4, ?3, NULL)
  WHERE id = ?1 AND status = 'active' AND ?2 >= 0`,
    tests: ['durable-objects/unheard-slices.test.ts', MISSING],
  },
  {
    id: 'fail-end',
    what: 'the object fails a run that has ended',
    file: BY_FENCE,
    find: `closed_at = iif(?4, ?3, NULL)
  WHERE id = ?1 AND status = 'active'
`,
    replace: `closed_at = iif(?4, ?3, NULL)
  WHERE id = ?1
`,
    tests: ['durable-objects/unheard-slices.test.ts', MISSING],
  },
  {
    id: 'reopen-end',
    what: 'a completed run is reopened',
    file: BY_FENCE,
    find: `WHERE id = ?1 AND status IN ('failed', 'cancelled')`,
    replace: 'WHERE id = ?1',
  },
  {
    id: 'closing-fence',
    what: 'a late mark of an old closing closes a run that was reopened and has ended again',
    file: ENDED_RUN,
    find: `closed_at IS NULL
    AND NOT EXISTS (SELECT 1 FROM dogear_lanes WHERE run_id = ?1 AND lane = 0 AND fence > ?3)`,
    replace: 'closed_at IS NULL AND ?3 >= 0',
    tests: ['engine/store/purge.test.ts'],
  },
  {
    id: 'raise-no-run',
    what: 'a raise of a lane whose run is gone is taken for one',
    file: HELD_LANE,
    find: 'if (row === undefined || row.status === null) return false',
    replace: 'if (row === undefined) return false',
    tests: [
      'durable-objects/ownership.test.ts',
      'engine/slice/ending.test.ts',
      'durable-objects/lost-storage.test.ts',
      'durable-objects/time-travel.test.ts',
      'engine/store/purge.test.ts',
    ],
    spare: 'its run is found to be gone when it is to be closed',
  },
  {
    id: 'purge-closed',
    what: 'a run is purged whatever D1 says of it',
    file: PURGE,
    find: `WHERE id = ?1 AND status <> 'active' AND closed_at <= ?2`,
    replace: 'WHERE id = ?1',
    tests: ['engine/store/purge.test.ts'],
  },
  {
    id: 'purge-parent',
    what: 'a run is purged that others still look up',
    file: PURGE,
    find: `AND NOT EXISTS (SELECT 1 FROM dogear_runs AS other WHERE other.closed_at IS NULL
           AND (other.parent = dogear_runs.id OR other.parent = dogear_runs.parent))`,
    replace: '',
    tests: ['conformance/continuations.test.ts'],
  },
  {
    id: 'retention',
    what: 'a run is purged while a message may name it',
    file: 'src/engine/runs/sweep.ts',
    find: 'Math.max(MIN_RETENTION_DAYS, retentionDays)',
    replace: 'retentionDays',
    tests: ['engine/store/purge.test.ts'],
  },
  {
    id: 'gone-rows',
    what: 'the rows of a run that was begun again meanwhile are removed as gone',
    file: PURGE,
    find: '`NOT EXISTS (SELECT 1 FROM dogear_runs WHERE id = ?1)`',
    replace: '`?1 IS NOT NULL`',
    tests: ['durable-objects/meanwhile.test.ts'],
  },
  {
    id: 'purge-redrive',
    what: 'a re-drive is purged by which its run knows what was handled again',
    file: PURGE,
    find: ` OR dogear_runs.options ->> 'redriveOf' IS NOT NULL))`,
    replace: '))',
    tests: ['engine/runs/redrive-purged.test.ts'],
  },
]
