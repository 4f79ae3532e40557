import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  breakDownRuns,
  countRuns,
  findPlaces,
  findRuns,
  runsOverTime,
  type Sought,
} from '../../src/search/index.ts'
import { plansOf } from '../support/query-plans.ts'
import { addRuns, clearRuns } from './support/many-runs.ts'

const since = '2026-01-01T00:00:00.000Z'
const label = { name: 'campaign', value: 'spring' }

beforeAll(async () => {
  await clearRuns()
  await addRuns({ from: 1, to: 300, label: "'campaign', 'spring'", failed: 'n % 3 = 0' })
  await env.DB.prepare(
    `INSERT INTO dogear_error_groups (id, job, error, template, message, first_at, last_at, last_run, changed_at, told_at)
     VALUES ('0123456789abcdef', 'many-runs', 'too_many', 'wrong <n>', 'wrong 1', '', '', '', '', '')`,
  ).run()
})

/** Each is answered by other places and checks. */
const ASKED: readonly Sought[] = [
  {},
  { status: 'failed' },
  { job: 'many-runs', status: 'failed', since },
  { label, status: 'failed', error: 'too_many' },
  { status: 'completed', error: 'too_many', since },
  { status: 'cancelled', job: 'many-runs', group: '0123456789abcdef' },
  { q: 'many' },
  { q: 'spring' },
  { q: 'campaign=spring' },
  { q: 'too_m' },
  { q: '00000000' },
  { q: 'many spring' },
  { q: 'too_m spring many' },
  { q: 'wrong' },
  { q: 'wrong 317' },
  { q: '317', group: '0123456789abcdef' },
  { q: 'spring', label, status: 'failed', since, until: '2027-01-01T00:00:00.000Z' },
  { q: 'many', error: 'too_many', schedule: 'nightly' },
]

/** These grow with the number of runs; what else is scanned are jobs, words and JSON. */
const GROWING =
  /^(?:SCAN|SEARCH) (?:dogear_runs|dogear_run_labels|dogear_lanes|dogear_label_parts|dogear_run_hours|dogear_error_groups|run|named|other|label)\b/

/** A range of an index, or all of one in the order of lists, of which a page is taken. */
const RANGE = /USING (?:COVERING )?(?:INDEX|PRIMARY KEY)/

/** A co-routine reads its own range, and is then gone through under its name. */
function readsOfRuns(plans: readonly string[]): string[] {
  return plans.filter(
    (step) =>
      GROWING.test(step) &&
      !(step.startsWith('SCAN') && plans.includes(step.replace(/^SCAN (\w+)$/, 'CO-ROUTINE $1'))),
  )
}

describe('The plan of a search', () => {
  it.each(ASKED)('reads ranges of indexes, and sorts nothing: %j', async (sought) => {
    for (const sort of ['newest', 'oldest'] as const) {
      const after = { createdAt: '2026-06-01T00:00:00.000Z', id: 'f'.repeat(32) }
      const plans = await plansOf((db) => findPlaces(db, sought, { sort, limit: 10, after }))
      const reads = readsOfRuns(plans)
      expect(reads.length).toBeGreaterThan(0)
      expect(reads.filter((step) => !RANGE.test(step))).toEqual([])
      expect(plans.filter((step) => step.includes('ORDER BY'))).toEqual([])
    }
  })

  it('looks up just the runs of a page', async () => {
    const plans = await plansOf((db) => findRuns(db, { q: 'many' }, { sort: 'newest', limit: 10 }))
    expect(plans).toContain('SEARCH dogear_runs USING PRIMARY KEY (id=?)')
    expect(readsOfRuns(plans).filter((step) => !RANGE.test(step))).toEqual([])
  })
})

describe('The plan of a count', () => {
  it.each(ASKED)('reads ranges of indexes: %j', async (sought) => {
    for (const count of [countRuns, breakDownRuns]) {
      const plans = await plansOf((db) => count(db, sought))
      expect(plans.length).toBeGreaterThan(0)
      expect(readsOfRuns(plans).filter((step) => !RANGE.test(step))).toEqual([])
      expect(plans.filter((step) => step.includes('ORDER BY'))).toEqual([])
    }
  })

  it('of all runs, a job or a status reads what is counted anyway', async () => {
    const plans = await plansOf((db) => countRuns(db, { job: 'many-runs', status: 'failed' }))
    expect(plans).toEqual(['SCAN dogear_run_counts'])
  })
})

describe('The plan of runs over time', () => {
  it.each(ASKED)('reads ranges of indexes: %j', async (sought) => {
    const now = Date.UTC(2026, 1, 1)
    const plans = await plansOf((db) => runsOverTime(db, sought, { now, buckets: 60 }))
    expect(plans.length).toBeGreaterThan(0)
    expect(readsOfRuns(plans).filter((step) => !RANGE.test(step))).toEqual([])
  })

  it('takes ended runs of a week from the counts of its hours', async () => {
    const now = Date.UTC(2026, 0, 8)
    const plans = await plansOf((db) => runsOverTime(db, { since }, { now, buckets: 60 }))
    expect(plans).toContain('SEARCH dogear_run_hours USING PRIMARY KEY (hour>? AND hour<?)')
  })
})
