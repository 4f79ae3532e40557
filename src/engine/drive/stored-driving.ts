import type { RunError } from '../errors.ts'
import { type Driving, type Intent, initialDriving, type Lease, NO_INTENT } from './driving.ts'
import type { NewRun } from './run-record.ts'

/** Lease, intent, failures and waiting as flags of their own: so they were stored until December 2026. */
export interface StoredFlags {
  leaseUntil: number | null
  claimedAt?: number | null
  heard?: number
  killing?: number | null
  resumptionCounted?: boolean
  cancelling?: boolean
  failing?: RunError | null
  pausing?: 'asked' | 'revoked' | null
  reopening?: boolean
  unpaid?: number
  unpaidSince?: number | null
  waits?: number
  waitingSince?: number | null
}

type Stored = Partial<Driving> & { [flag in keyof StoredFlags]?: StoredFlags[flag] }

/** The stored state of a run's object. Fields that are newer than it begin as in a new run. */
export function readDriving(run: NewRun, json: string): Driving {
  const stored = JSON.parse(json) as Stored
  const { leaseUntil, ...rest } = stored
  const driving = { ...initialDriving(run, 0), ...rest }
  return leaseUntil === undefined ? driving : withoutFlags(driving, { ...stored, leaseUntil })
}

function withoutFlags(driving: Driving & Stored, flags: StoredFlags): Driving {
  const {
    claimedAt: _claimedAt,
    heard: _heard,
    killing: _killing,
    resumptionCounted: _resumptionCounted,
    cancelling: _cancelling,
    failing: _failing,
    pausing: _pausing,
    reopening: _reopening,
    unpaid: _unpaid,
    unpaidSince: _unpaidSince,
    waits: _waits,
    waitingSince: _waitingSince,
    ...rest
  } = driving
  const { unpaid = 0, unpaidSince, waits = 0, waitingSince } = flags
  return {
    ...rest,
    lease: leaseOf(flags, rest),
    intent: intentOf(flags),
    waiting: waits > 0 && waitingSince ? { slices: waits, since: waitingSince } : null,
    failures: unpaid > 0 ? { count: unpaid, since: unpaidSince ?? rest.updatedAt } : null,
  }
}

function leaseOf(flags: StoredFlags, { fence, updatedAt }: Driving): Lease | null {
  const { leaseUntil, claimedAt, heard = 0, killing, resumptionCounted = false } = flags
  if (leaseUntil === null) return null
  return {
    until: leaseUntil,
    claimedAt: claimedAt ?? updatedAt,
    heard,
    kill: killing === fence,
    resumptionCounted,
  }
}

function intentOf({ cancelling, failing, pausing, reopening }: StoredFlags): Intent {
  if (cancelling) return failing ? { kind: 'fail', error: failing } : { kind: 'cancel' }
  if (reopening) return { kind: 'reopen' }
  return pausing ? { kind: 'pause', revoked: pausing === 'revoked' } : NO_INTENT
}
