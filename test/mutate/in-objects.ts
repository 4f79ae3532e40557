import type { Mutation } from './mutation.ts'

const RECONCILER = 'durable-objects/reconciler.ts'
const LEASE = 'src/engine/drive/lease.ts'
const MISSING = 'integration/missing-guards.test.ts'

/** Guards in a run's Durable Object: who may claim, report and release, and what is owed. */
export const IN_OBJECTS: readonly Mutation[] = [
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
    find: `  adopt(d, news)
  d.leaseUntil = now + d.patienceMs`,
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
    find: `  d.attempts += 1
  d.fence += 1`,
    replace: '  d.attempts += 1',
  },
  {
    id: 'M17',
    what: 'attempts are not set to 0 at a claim after progress',
    file: LEASE,
    find: 'if (d.progress > d.progressBefore) beginStreak(d, 0)',
    replace: '',
    tests: ['unit/driving.test.ts', 'integration/progress-attempts.test.ts', MISSING],
    spare: 'the first report of a slice that got further begins the count again',
  },
  {
    id: 'M18',
    what: 'attempts are not counted at the claim',
    file: LEASE,
    find: `  d.attempts += 1
  d.fence += 1`,
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
    tests: ['integration/lost-storage.test.ts'],
  },
  {
    id: 'M29',
    what: 'the object sends a message before D1 has the run',
    file: RECONCILER,
    find: 'd.sendAt > this.#state.now() || !d.inD1) return',
    replace: 'd.sendAt > this.#state.now()) return',
    spare: 'the debts are paid in order: the rows first',
  },
  {
    id: 'M30',
    what: 'a fired alarm is not armed again when something fails',
    file: 'durable-objects/run-host.ts',
    find: `    } finally {
      await this.#state.armAgain()
    }`,
    replace: `    } finally {
    }`,
  },
  {
    id: 'A5',
    what: 'a debt that failed keeps those after it from being paid',
    file: RECONCILER,
    find: 'this.#settling.catch(() => undefined).then(',
    replace: 'this.#settling.then(',
    tests: ['integration/debts.test.ts'],
    spare: 'paying debts catches its own failures',
  },
  {
    id: 'alone',
    what: 'runs that vanish together again and again come back together',
    file: LEASE,
    find: 'd.alone = d.cautious || isLastAttempt(d, run, progressed)',
    replace: 'd.alone = isLastAttempt(d, run, progressed)',
    tests: ['integration/shared-isolate.test.ts'],
  },
  {
    id: 'last-attempt',
    what: 'a run spends its last attempt beside others',
    file: LEASE,
    find: 'd.alone = d.cautious || isLastAttempt(d, run, progressed)',
    replace: 'd.alone = d.cautious',
    tests: ['integration/shared-isolate.test.ts'],
  },
]
