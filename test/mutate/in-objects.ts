import type { Mutation } from './mutation.ts'

const LOOK = 'durable-objects/d1-look.ts'
const RUN_STATE = 'durable-objects/run-state.ts'
const RECONCILER = 'durable-objects/reconciler.ts'
const LEASE = 'src/engine/drive/lease.ts'
const RELEASE = 'src/engine/drive/release.ts'
const MISSING = 'engine/store/missing-guards.test.ts'

/** Tests of pauses, cancels and retries. */
const STOPS = [
  'engine/drive/driving.test.ts',
  'engine/slice/stopping.test.ts',
  'engine/slice/adversarial.test.ts',
  'durable-objects/ownership.test.ts',
]

/** Guards in a run's Durable Object: who may claim, report and release, and what is owed. */
export const IN_OBJECTS: readonly Mutation[] = [
  {
    id: 'M09',
    what: 'release by somebody who does not hold the lease',
    file: RELEASE,
    find: 'if (lease === null || fence !== d.fence || isStopping(d)) return false',
    replace: 'if (lease === null || isStopping(d)) return false',
  },
  {
    id: 'M10',
    what: 'release while the run is being cancelled',
    file: RELEASE,
    find: 'if (lease === null || fence !== d.fence || isStopping(d)) return false',
    replace: 'if (lease === null || fence !== d.fence) return false',
    spare: 'a cancel takes the lease away',
  },
  {
    id: 'M11',
    what: 'report by somebody who does not hold the lease',
    file: LEASE,
    find: 'if (d.lease === null || news.fence !== d.fence) return false',
    replace: 'if (d.lease === null) return false',
  },
  {
    id: 'M12',
    what: 'an older report is adopted',
    file: 'src/engine/drive/streak.ts',
    find: 'if (!newer) return',
    replace: '',
  },
  {
    id: 'M13',
    what: 'a report does not renew the lease',
    file: LEASE,
    find: `  adopt(d, d.lease, news)
  d.lease.until = now + d.patienceMs`,
    replace: '  adopt(d, d.lease, news)',
  },
  {
    id: 'M14',
    what: 'a message of any number may claim',
    file: LEASE,
    find: '&& !d.held && n === d.n',
    replace: '&& !d.held',
  },
  {
    id: 'M15',
    what: 'a claim while another slice holds the lease',
    file: LEASE,
    find: 'const free = d.lease === null && d.intent',
    replace: 'const free = d.intent',
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
    find: 'if (hasProgressed(d)) beginStreak(d, 0)',
    replace: '',
    tests: ['engine/drive/driving.test.ts', 'engine/slice/progress-attempts.test.ts', MISSING],
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
    find: "d.intent.kind === 'none' && d.inD1",
    replace: "(d.intent.kind === 'none' || d.intent.kind === 'cancel') && d.inD1",
  },
  {
    id: 'M20',
    what: 'a claim of a run that is held',
    file: LEASE,
    find: '&& !d.held && n === d.n',
    replace: '&& n === d.n',
    tests: ['durable-objects/lost-storage.test.ts'],
  },
  {
    id: 'M29',
    what: 'the object sends a message before D1 has the run',
    file: RECONCILER,
    find: 'd.sendAt <= this.#state.now() && d.inD1',
    replace: 'd.sendAt <= this.#state.now()',
    spare: 'what is owed is done in order: the rows first',
  },
  {
    id: 'M30',
    what: 'a fired alarm is not armed again when something fails',
    file: 'durable-objects/run-host.ts',
    find: `    } finally {
      await this.state.armAgain()
    }`,
    replace: `    } finally {
    }`,
  },
  {
    id: 'A5',
    what: 'a failure keeps what is owed from being tried again',
    file: RECONCILER,
    find: 'this.#settling.catch(() => undefined).then(',
    replace: 'this.#settling.then(',
    tests: ['durable-objects/debts.test.ts'],
    spare: 'the reconciler catches its own failures',
  },
  {
    id: 'alone',
    what: 'runs that vanish together again and again come back together',
    file: LEASE,
    find: 'd.alone = d.cautious || isLastAttempt(d, run, progressed)',
    replace: 'd.alone = isLastAttempt(d, run, progressed)',
    tests: ['engine/slice/shared-isolate.test.ts'],
  },
  {
    id: 'last-attempt',
    what: 'a run spends its last attempt beside others',
    file: LEASE,
    find: 'd.alone = d.cautious || isLastAttempt(d, run, progressed)',
    replace: 'd.alone = d.cautious',
    tests: ['engine/slice/shared-isolate.test.ts'],
  },
  {
    id: 'row-of-another',
    what: 'a row that was there is taken for the one just created',
    file: RECONCILER,
    find: 'if (stored && !isAsCreated(stored, run)) return this.#state.takeOver(stored)',
    replace: '',
    tests: ['durable-objects/lost-storage.test.ts', 'durable-objects/debts.test.ts'],
  },
  {
    id: 'pausing',
    what: 'a slice that vanishes while its run is being paused comes back',
    file: LEASE,
    find: `else if (d.intent.kind === 'pause') revoke(d)`,
    replace: '',
    tests: STOPS,
  },
  {
    id: 'unclean-pause',
    what: 'a run is shown as paused although its slice ended in another way',
    file: RELEASE,
    find: `if (outcome.kind === 'interrupted' && outcome.reason === 'pause') {`,
    replace: 'if (true) {',
    tests: STOPS,
  },
  {
    id: 'claim-no-rows',
    what: 'a claim before D1 has the run',
    file: LEASE,
    find: "d.intent.kind === 'none' && d.inD1",
    replace: "d.intent.kind === 'none'",
    tests: ['durable-objects/debts.test.ts'],
  },
  {
    id: 'begun-meanwhile',
    what: 'a run is begun over one that somebody else has begun meanwhile',
    file: RUN_STATE,
    find: 'if (this.load()?.driving === gone) await',
    replace: 'await',
    tests: ['durable-objects/meanwhile.test.ts'],
  },
  {
    id: 'look-meanwhile',
    what: 'what D1 said is adopted although the run has changed since',
    file: LOOK,
    find: `if (state.load()?.driving.objectRequests !== before) return 'unknown'`,
    replace: '',
    tests: ['durable-objects/meanwhile.test.ts'],
  },
  {
    id: 'look-purging',
    what: 'a run that is being purged is taken over',
    file: LOOK,
    find: 'answer === undefined || state.storage.purging',
    replace: 'answer === undefined',
    tests: ['durable-objects/purging.test.ts'],
  },
  {
    id: 'pause-cancelled',
    what: 'the answer to a pause is taken for one to a later cancel',
    file: 'src/engine/drive/commands.ts',
    find: `d.intent.kind !== 'pause' || !d.intent.revoked || !counts`,
    replace: '!counts',
    tests: ['durable-objects/meanwhile.test.ts'],
  },
  {
    id: 'purge-shown',
    what: 'a run that is being purged is shown and steered',
    file: 'durable-objects/run-storage.ts',
    find: 'this.#version() === 0 || this.purging',
    replace: 'this.#version() === 0',
    tests: ['durable-objects/purging.test.ts'],
  },
  {
    id: 'purge-key',
    what: 'a run begins among the rows of one that is being purged',
    file: 'durable-objects/removable.ts',
    find: `    throw new Error('The run of this key is being purged`,
    replace: `    void new Error('The run of this key is being purged`,
    tests: ['durable-objects/purging.test.ts'],
  },
  {
    id: 'retry-closing',
    what: 'a run is retried while a slice closes it and its onCancel may be at work',
    file: 'src/engine/drive/commands.ts',
    find: 'stopping || closing || (',
    replace: 'stopping || (',
    tests: ['engine/drive/asked.test.ts'],
  },
  {
    id: 'adopt-asked',
    what: 'an end that D1 has overrides what a person has asked for since',
    file: 'src/engine/drive/recovery.ts',
    find: `  if (isUnanswered(d)) return
`,
    replace: '',
    tests: ['engine/drive/asked.test.ts'],
  },
]
