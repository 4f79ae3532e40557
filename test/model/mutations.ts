import type { ConfigurationName } from './configurations.ts'
import type { Guard } from './world.ts'

/** Guards taken away, and what must follow from it. */
export interface Mutation {
  without: readonly Guard[]
  /** What is left then. */
  what: string
  in: readonly ConfigurationName[]
  /** A spare guard: another one does its work, or its lack costs time only. @default false */
  spare?: true
  /** Even a world without faults shows it. */
  noFaults?: true
}

const FINISH = ['finish'] as const

export const MUTATIONS: readonly Mutation[] = [
  { without: ['fenceInGuard', 'seqInGuard'], what: 'no guard at all', in: FINISH },
  { without: ['seqInGuard'], what: 'the guard looks at the fence only', in: FINISH },
  {
    without: ['fenceInGuard'],
    what: 'the guard looks at seq only; a raise uses up a seq, so that is enough',
    in: ['finish', 'cancel', 'pause'],
    spare: true,
  },
  {
    without: ['fenceInGuard'],
    what: 'the same after D1 was put back: seqs come again, tokens do not',
    in: ['restore'],
    spare: true,
  },
  {
    without: ['tokenInGuard'],
    what: 'a commit that was on its way when D1 was put back fits a seq that has come again',
    in: ['restore'],
  },
  {
    without: ['adoptRestored'],
    what: 'an object that knows an end does not look at what D1 says',
    in: ['restore'],
  },
  {
    without: ['fenceInGuard', 'raiseUsesUpSeq'],
    what: 'the guard looks at seq only, and a raise leaves seq alone',
    in: ['finish', 'pause'],
  },
  { without: ['commitMovesSeq'], what: 'a commit leaves seq alone', in: FINISH },
  { without: ['raiseLooksAtFence'], what: 'a raise does not look at the fence', in: FINISH },
  { without: ['raiseUsesUpSeq'], what: 'a raise leaves seq alone', in: ['pause'] },
  {
    without: ['raiseUsesUpSeq', 'seqInGuard'],
    what: 'a raise leaves seq alone, and the guard looks at the fence only',
    in: FINISH,
  },
  {
    without: ['raiseBeforeRead', 'raiseUsesUpSeq'],
    what: 'read, then raise, which leaves seq alone',
    in: ['pause'],
  },
  {
    without: ['raiseBeforeRead', 'raiseUsesUpSeq', 'seqInGuard'],
    what: 'read, then raise; the guard looks at the fence only',
    in: FINISH,
  },
  {
    without: ['raiseBeforeRead'],
    what: 'read, then raise, which uses up a seq: the slice fails its own guard for ever',
    in: FINISH,
    noFaults: true,
  },
  { without: ['raise'], what: 'read only; the first commit takes the fence', in: ['pause'] },
  {
    without: ['raise', 'seqInGuard'],
    what: 'read only; the guard looks at the fence only',
    in: FINISH,
  },
  {
    without: ['raiseAgainAfterFailedGuard'],
    what: 'a failed guard ends the slice, which costs a lease',
    in: ['finish', 'pause'],
    spare: true,
  },
  {
    without: ['aheadGoesWithItsCommit'],
    what: 'what was worked on while a commit was under way is kept when that fails',
    in: FINISH,
  },
  {
    without: ['oneCommitUnderWay'],
    what: 'a slice goes on, and stops, before its commit is answered: it lands after paused was shown',
    in: ['pause'],
  },
  {
    without: ['raiseAtEqualFence'],
    what: 'raise only where the fence is lower, which costs a lease',
    in: FINISH,
    spare: true,
  },
  {
    without: ['endIsACommit'],
    what: "only the object hears of the end; onComplete's effects are a plain commit",
    in: FINISH,
  },
  { without: ['cancelInD1'], what: 'cancelled is shown once the object has it', in: ['cancel'] },
  {
    without: ['pauseRaisesD1'],
    what: 'the lease ends while pausing: paused is shown, D1 is not raised',
    in: ['pause'],
  },
  {
    without: ['releaseByHolderOnly'],
    what: 'release carries no fence',
    in: ['finish', 'pause'],
  },
  {
    without: ['reportByFenceAndSeq'],
    what: 'a report counts whatever its fence and seq',
    in: ['reports'],
  },
  { without: ['childIdDerived'], what: 'a child gets a new id at each try', in: FINISH },
  { without: ['childAfterEnd'], what: 'children start before the end is in D1', in: ['cancel'] },
  {
    without: ['childBeforeRelease'],
    what: 'children start after the release; the sweep finds the run not closed',
    in: FINISH,
    spare: true,
  },
  {
    without: ['childBeforeRelease', 'adoptRestored'],
    what: 'children start after the release, and no object looks at what D1 says',
    in: FINISH,
  },
  {
    without: ['raiseCreatesNothing'],
    what: 'a raise creates the row when it is missing',
    in: ['purge'],
  },
  { without: ['alarm', 'sweep'], what: 'neither alarm nor sweep', in: FINISH },
  { without: ['alarm'], what: 'the sweep alone: slow, not wrong', in: FINISH, spare: true },
  { without: ['sweep'], what: 'the alarm alone, which may be lost', in: FINISH },
  {
    without: ['alarmArmedAgain', 'sweep'],
    what: 'an alarm that has fired is not armed again',
    in: FINISH,
  },
  {
    without: ['sweepByClosedAt'],
    what: 'the sweep takes only runs that D1 calls active',
    in: FINISH,
  },
  {
    without: ['persistBeforeSend'],
    what: 'send, then persist; the alarm heals it',
    in: FINISH,
    spare: true,
  },
  {
    without: ['persistBeforeSend', 'alarm', 'sweep'],
    what: 'send, then persist, and nothing that heals it',
    in: FINISH,
    noFaults: true,
  },
  {
    without: ['alarm', 'sweep'],
    what: 'persist, then send, without faults: the control of the one before',
    in: FINISH,
    noFaults: true,
    spare: true,
  },
  { without: ['claimByNumber'], what: 'claim looks at the lease only', in: FINISH, spare: true },
  { without: ['claimByLease'], what: 'claim looks at the number only', in: FINISH, spare: true },
  {
    without: ['claimByNumber', 'claimByLease'],
    what: 'claim is granted to every message',
    in: FINISH,
    spare: true,
  },
  {
    without: [
      'raiseUsesUpSeq',
      'raiseAtEqualFence',
      'raiseAgainAfterFailedGuard',
      'endIsACommit',
      'cancelInD1',
      'pauseRaisesD1',
      'releaseByHolderOnly',
      'reportByFenceAndSeq',
    ],
    what: 'the protocol as it was first written down',
    in: ['finish', 'cancel', 'pause', 'reports'],
  },
]
