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
  'integration/commit.test.ts',
  'integration/ownership.test.ts',
  'integration/driving.test.ts',
  'integration/ending.test.ts',
  'integration/adversarial.test.ts',
  'integration/stopping.test.ts',
  'integration/missing-guards.test.ts',
  'unit/driving.test.ts',
]

const COMMIT = 'src/engine/store/d1/commit-batch.ts'
const LANE = 'src/engine/store/d1/held-lane.ts'
const BY_FENCE = 'src/engine/store/d1/by-fence.ts'
const LEASE = 'src/engine/drive/lease.ts'
const SLICE = 'src/engine/slice/slice.ts'
const OBJECT = 'durable-objects/run-host.ts'
const DEBTS = 'durable-objects/reconciler.ts'
const MISSING = ['integration/missing-guards.test.ts']

export const MUTATIONS: readonly Mutation[] = [
  {
    id: 'M01',
    what: 'a raise does not look at the fence',
    file: LANE,
    find: 'WHERE run_id = ?1 AND lane = ?2 AND fence <= ?3',
    replace: 'WHERE run_id = ?1 AND lane = ?2',
  },
  {
    id: 'M02',
    what: 'a raise leaves seq alone',
    file: LANE,
    find: 'SET fence = ?3, seq = seq + 1, token = ?5',
    replace: 'SET fence = ?3, token = ?5',
    spare: 'the raise leaves a token of its own, which no older commit has',
  },
  {
    id: 'M03',
    what: 'a raise leaves the fence alone',
    file: LANE,
    find: 'SET fence = ?3, seq = seq + 1, token = ?5',
    replace: 'SET seq = seq + 1, token = ?5',
  },
  {
    id: 'M04',
    what: 'the guard does not look at seq',
    file: COMMIT,
    find: 'AND lanes.seq = ?3 AND lanes.token',
    replace: 'AND lanes.token',
  },
  {
    id: 'M05',
    what: 'the guard does not look at the status',
    file: COMMIT,
    find: "AND runs.status = 'active' ${mayEnd}",
    replace: '${mayEnd}',
  },
  {
    id: 'token',
    what: 'the guard does not look at the token of the raise',
    file: COMMIT,
    find: 'AND lanes.token = ?13',
    replace: 'AND ?13 IS NOT NULL',
    tests: ['integration/commit.test.ts'],
  },
  {
    id: 'M06',
    what: 'a run is completed although another lane has not finished',
    file: COMMIT,
    find: 'other.lane <> ?2 AND other.finished = 0',
    replace: 'other.lane <> ?2 AND other.finished = 2',
  },
  {
    id: 'M07',
    what: 'an end is written over another end',
    file: COMMIT,
    find: "finished_at = ?7\n  WHERE id = ?1 AND status = 'active'`",
    replace: 'finished_at = ?7\n  WHERE id = ?1`',
    spare: 'the guard of the same batch has looked at the status',
  },
  {
    id: 'M08',
    what: 'a commit leaves seq alone',
    file: COMMIT,
    find: 'UPDATE lanes SET seq = seq + 1, checkpoint = ?3',
    replace: 'UPDATE lanes SET checkpoint = ?3',
  },
  {
    id: 'M09',
    what: 'release by somebody who does not hold the lease',
    file: LEASE,
    find: 'if (d.leaseUntil === null || fence !== d.fence || d.cancelling) return false',
    replace: 'if (d.leaseUntil === null || d.cancelling) return false',
  },
  {
    id: 'M10',
    what: 'release while the run is being cancelled',
    file: LEASE,
    find: 'if (d.leaseUntil === null || fence !== d.fence || d.cancelling) return false',
    replace: 'if (d.leaseUntil === null || fence !== d.fence) return false',
    spare: 'a cancel takes the lease away',
  },
  {
    id: 'M11',
    what: 'report by somebody who does not hold the lease',
    file: LEASE,
    find: 'if (d.leaseUntil === null || news.fence !== d.fence) return false',
    replace: 'if (d.leaseUntil === null) return false',
  },
  {
    id: 'M12',
    what: 'an older report is adopted',
    file: LEASE,
    find: 'if (!newer) return',
    replace: '',
  },
  {
    id: 'M13',
    what: 'a report does not renew the lease',
    file: LEASE,
    find: '  adopt(d, news)\n  d.leaseUntil = now + d.patienceMs',
    replace: '  adopt(d, news)',
  },
  {
    id: 'M14',
    what: 'a message of any number may claim',
    file: LEASE,
    find: '|| d.held || n !== d.n) return',
    replace: '|| d.held) return',
  },
  {
    id: 'M15',
    what: 'a claim while another slice holds the lease',
    file: LEASE,
    find: 'd.leaseUntil === null && !d.cancelling && !d.reopening',
    replace: '!d.cancelling && !d.reopening',
  },
  {
    id: 'M16',
    what: 'a claim gives no new fence',
    file: LEASE,
    find: '  d.attempts += 1\n  d.fence += 1',
    replace: '  d.attempts += 1',
  },
  {
    id: 'M17',
    what: 'attempts are not set to 0 at a claim after progress',
    file: LEASE,
    find: 'if (d.progress > d.progressBefore) beginStreak(d, 0)',
    replace: '',
    tests: ['unit/driving.test.ts', 'integration/progress-attempts.test.ts', ...MISSING],
    spare: 'the first report of a slice that got further begins the count again',
  },
  {
    id: 'M18',
    what: 'attempts are not counted at the claim',
    file: LEASE,
    find: '  d.attempts += 1\n  d.fence += 1',
    replace: '  d.fence += 1',
  },
  {
    id: 'M19',
    what: 'a claim while the run is being cancelled',
    file: LEASE,
    find: 'd.leaseUntil === null && !d.cancelling && !d.reopening',
    replace: 'd.leaseUntil === null && !d.reopening',
  },
  {
    id: 'M20',
    what: 'a claim of a run that is held',
    file: LEASE,
    find: '|| d.held || n !== d.n) return',
    replace: '|| n !== d.n) return',
  },
  {
    id: 'M21',
    what: 'a cancel does not look at the fence',
    file: BY_FENCE,
    find: `WHERE id = ?1 AND status IN ('active', 'cancelled')
    AND NOT EXISTS (SELECT 1 FROM lanes WHERE run_id = ?1 AND fence > ?2)`,
    replace: `WHERE id = ?1 AND status IN ('active', 'cancelled') AND ?2 >= 0`,
  },
  {
    id: 'M22',
    what: 'a cancel is written over another end',
    file: BY_FENCE,
    find: "AND status IN ('active', 'cancelled')",
    replace: '',
  },
  {
    id: 'M23',
    what: "the object's raise does not use up a seq",
    file: BY_FENCE,
    find: 'SET fence = ?2, seq = seq + 1, token = NULL',
    replace: 'SET fence = ?2',
  },
  {
    id: 'M25',
    what: 'a reopening does not look at the fence',
    file: BY_FENCE,
    find: `AND status IN ('failed', 'cancelled')
    AND NOT EXISTS (SELECT 1 FROM lanes WHERE run_id = ?1 AND fence > ?2)`,
    replace: `AND status IN ('failed', 'cancelled') AND ?2 >= 0`,
    tests: MISSING,
  },
  {
    id: 'M26',
    what: 'an older index is written over a newer one',
    file: 'src/engine/store/d1/index-run.ts',
    find: "AND rev < ?2 AND status = 'active'",
    replace: "AND status = 'active'",
  },
  {
    id: 'M27',
    what: 'the index of an ended run is written',
    file: 'src/engine/store/d1/index-run.ts',
    find: "AND rev < ?2 AND status = 'active'",
    replace: 'AND rev < ?2',
    spare: 'an object that has seen the end has nothing left to index',
  },
  {
    id: 'M28',
    what: 'creation writes over a run that is there',
    file: 'src/engine/store/d1/create-run.ts',
    find: 'INSERT OR IGNORE INTO runs (',
    replace: 'INSERT OR REPLACE INTO runs (',
  },
  {
    id: 'M29',
    what: 'the object sends a message before D1 has the run',
    file: DEBTS,
    find: 'd.sendAt > this.#state.now() || !d.inD1) return',
    replace: 'd.sendAt > this.#state.now()) return',
    spare: 'the debts are paid in order: the rows first',
  },
  {
    id: 'M30',
    what: 'a fired alarm is not armed again when something fails',
    file: OBJECT,
    find: `    } finally {
      await this.#state.armAgain()
    }`,
    replace: `    } finally {
    }`,
  },
  {
    id: 'M33',
    what: 'a run that is active is marked as closed',
    file: 'src/engine/store/d1/ended-run.ts',
    find: "status <> 'active' AND closed_at IS NULL",
    replace: 'closed_at IS NULL',
    tests: MISSING,
  },
  {
    id: 'M35',
    what: 'no heartbeat renews the lease',
    file: 'src/engine/slice/reporter.ts',
    find: 'if (this.#clock.now() - this.#lastCommitAt < HEARTBEAT_LIMIT_MS) this.send()',
    replace: '',
    tests: MISSING,
  },
  {
    id: 'M40',
    what: 'a suspended state is kept for forks',
    file: 'src/engine/store/kept-state.ts',
    find: '  if (checkpoint.suspended) return null\n',
    replace: '',
    tests: ['integration/missing-guards.test.ts', 'integration/forks.test.ts'],
  },
  {
    id: 'M41',
    what: 'an unknown outcome of a commit is taken for a written one',
    file: LANE,
    find: 'return { kind: d1Verdict(error), error }',
    replace: "if (d1Verdict(error) !== 'unknown') return { kind: d1Verdict(error), error }",
  },
  {
    id: 'M42',
    what: 'a failed guard is taken for effects that D1 refuses',
    file: 'src/engine/store/d1/verdict.ts',
    find: "if (byCheck && GUARD.test(message)) return 'guard'",
    replace: '',
  },
  {
    id: 'M44',
    what: 'a run that has ended is performed',
    file: SLICE,
    find: "if (state.status !== 'active') return ending.close()",
    replace: '',
  },
  {
    id: 'M54',
    what: 'a slice raises again for ever',
    file: SLICE,
    find: 'if (rewinds < MAX_REWINDS) continue',
    replace: 'if (rewinds < MAX_REWINDS * 1_000) continue',
    tests: MISSING,
  },
  {
    id: 'M56',
    what: 'the latch lets user code go on that was told to stop',
    file: 'src/engine/pass/latch.ts',
    find: 'if (this.told) throw this.#error()',
    replace: '',
    tests: ['integration/user-code.test.ts', 'integration/swallowed-stops.test.ts'],
  },
  {
    id: 'M57',
    what: 'a closed latch lets the effects of a slice that is over through',
    file: 'src/engine/pass/latch.ts',
    find: '  close(): void {\n    this.#closed = true',
    replace: '  close(): void {',
    tests: ['integration/user-code.test.ts', 'integration/unawaited.test.ts'],
  },
  {
    id: 'A5',
    what: 'a debt that failed keeps those after it from being paid',
    file: DEBTS,
    find: 'this.#settling.catch(() => undefined).then(',
    replace: 'this.#settling.then(',
    tests: ['integration/debts.test.ts'],
    spare: 'paying debts catches its own failures',
  },
]
