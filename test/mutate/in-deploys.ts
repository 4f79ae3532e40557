import type { Mutation } from './mutation.ts'

const TURNED_AWAY = 'src/engine/drive/turned-away.ts'
const RUN_HOST = 'durable-objects/run-host.ts'
const SLICE = 'src/engine/slice/slice.ts'
const tests = ['durable-objects/protocol-numbers.test.ts']

/** Rules between slices and objects of different code. */
export const IN_DEPLOYS: readonly Mutation[] = [
  {
    id: 'number-claim',
    what: 'a slice that is too old gets the lane',
    file: RUN_HOST,
    find: 'if (isTooOld(protocol, this.minimum)) return turnAway(d, known.run, n, now, Math.random)',
    replace: '',
    tests,
  },
  {
    id: 'number-report',
    what: 'a report of a slice that is too old is adopted',
    file: RUN_HOST,
    find: 'if (isTooOld(protocol, this.minimum)) return stopSoon(d, news, now)',
    replace: '',
    tests,
  },
  {
    id: 'number-release',
    what: 'the last word of a slice that is too old is taken',
    file: RUN_HOST,
    find: `    if (isTooOld(protocol, this.minimum))
      return this.release(null, fence, OLDER_SLICE, undefined, this.minimum)
`,
    replace: '',
    tests,
  },
  {
    id: 'number-object',
    what: 'a slice works for an object that is too old',
    file: SLICE,
    find: 'if (isTooOld(claim.protocol, deps.minimum))',
    replace: 'if (claim.fence < 0)',
    tests,
  },
  {
    id: 'number-untold',
    what: 'code that tells no number is not old',
    file: 'src/engine/drive/protocol-number.ts',
    find: 'told = 0,',
    replace: 'told = 1,',
    tests,
  },
  {
    id: 'number-claim-told',
    what: 'a claim does not tell its number',
    file: SLICE,
    find: 'claim(message.lane, message.n, PROTOCOL)',
    replace: 'claim(message.lane, message.n)',
    tests,
  },
  {
    id: 'number-report-told',
    what: 'a report does not tell its number',
    file: 'src/engine/slice/reporter.ts',
    find: 'untold, PROTOCOL)',
    replace: 'untold)',
    tests,
  },
  {
    id: 'number-release-told',
    what: 'a release does not tell its number',
    file: 'src/engine/slice/release.ts',
    find: 'told, PROTOCOL)',
    replace: 'told)',
    tests,
  },
  {
    id: 'number-granted',
    what: 'the object does not tell its number',
    file: 'src/engine/drive/lease.ts',
    find: '    protocol: PROTOCOL,\n',
    replace: '',
    tests,
  },
  {
    id: 'turned-away-due',
    what: 'a slice that is too old is turned away whatever its message',
    file: TURNED_AWAY,
    find: "if (!isDue(d, n)) return { ok: false, code: 'stale' }",
    replace: '',
    tests,
  },
  {
    id: 'turned-away-n',
    what: 'a message that was turned away may come again as it is',
    file: TURNED_AWAY,
    find: '  d.n += 1\n',
    replace: '',
    tests,
  },
  {
    id: 'turned-away-again',
    what: 'the message of a slice that was turned away does not come again by itself',
    file: TURNED_AWAY,
    find: '  comeBack(d, run, OLDER_SLICE, now, random)\n',
    replace: '',
    tests,
  },
  {
    id: 'turned-away-shown',
    what: 'nobody is told that the slices are too old',
    file: TURNED_AWAY,
    find: '  waitedAgain(d, OLDER_SLICE, false, now)\n',
    replace: '',
    tests,
  },
  {
    id: 'turned-away-holder',
    what: 'a slice of the past is taken for the one that is too old',
    file: TURNED_AWAY,
    find: 'if (d.lease === null || fence !== d.fence) return null',
    replace: 'if (d.lease === null) return null',
    tests,
  },
  {
    id: 'turned-away-lease',
    what: 'a slice that is too old loses its lane while it works',
    file: TURNED_AWAY,
    find: '  d.lease.until = now + d.patienceMs\n',
    replace: '',
    tests,
  },
  {
    id: 'waiting-for-deploy',
    what: 'people are alarmed at once by every deploy',
    file: 'src/engine/drive/waiting.ts',
    find: "if (reason === 'deploy') return OTHER_CODE",
    replace: "if (reason === 'deploy') return DEPLOYS",
    tests,
  },
]
