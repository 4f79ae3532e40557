import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import { defineIteration, restartOn } from '../../../src/engine/index.ts'
import { listSkipGroups, type SkipGroups } from '../../../src/engine/runs/skip-groups.ts'
import { SKIP_COLUMNS, skipLine } from '../../../src/engine/runs/skip-lines.ts'
import { listSkips } from '../../../src/engine/runs/skips.ts'
import type { SkippedItem } from '../../../src/engine/skipped-item.ts'
import { call } from '../../support/api.ts'
import { bench, createTables, stub, upTo } from '../../support/drive.ts'
import { plansOf } from '../../support/query-plans.ts'
import { forked, redrive, runOf, type RunOf } from '../../support/run-of.ts'
import { runInDurableObject } from 'cloudflare:test'
import type { RunHost } from '../../../durable-objects/run-host.ts'

beforeAll(createTables)

class Refused extends Error {
  override readonly name = 'Refused'
}

/** Of a hundred items each third is refused, and each tenth has no price. */
const picky = defineIteration({
  name: 'picky-in-groups',
  skip: {},
  buildEnumerator: ({ cursor, enumerators }) => enumerators.array(upTo(100), { cursor }),
  eachIteration(item) {
    if (item % 10 === 0) throw new TypeError(`product ${item}: price is null`)
    if (item % 3 === 0) throw new Refused(`customer ${item} refuses`)
  },
})

const groupsOf = async (run: RunOf): Promise<SkipGroups> => listSkipGroups(env.DB, await run.view())

async function skipping(): Promise<RunOf> {
  const run = await runOf(picky, { commit: { everyItems: 7 } })
  await run.drain()
  return run
}

describe('the skipped items of a run, by their errors', () => {
  it('are as many as there are errors that differ by more than numbers, the most frequent first', async () => {
    const found = await groupsOf(await skipping())
    expect(found).toMatchObject({ skipped: 40, others: 0, toRedrive: 40 })
    expect(found.groups.map(({ skips, error }) => [skips, error.name, error.message])).toEqual([
      [30, 'Refused', 'customer 3 refuses'],
      [10, 'TypeError', 'product 10: price is null'],
    ])
    expect(found.groups[0]?.error.group?.template).toBe('customer <n> refuses')
  })

  it('are listed group by group, page by page', async () => {
    const run = await skipping()
    const group = (await groupsOf(run)).groups[1]?.id ?? ''
    const first = await listSkips(env.DB, run.id, { limit: 6, group })
    const rest = await listSkips(env.DB, run.id, {
      limit: 6,
      group,
      after: first.next ?? [0, 0],
    })
    expect([...first.skips, ...rest.skips].map(({ cursor }) => cursor)).toEqual(
      upTo(10).map((ten) => ten * 10 - 1),
    )
    expect(rest.next).toBeNull()
  })

  it('are counted once, also when a slice dies between, and go with a fork', async () => {
    const run = await skipping()
    const { commits } = await run.view()
    const copy = await forked(picky, run, { seq: Math.floor(commits / 2) })
    const before = await groupsOf(copy)
    expect(before.skipped).toBeGreaterThan(0)
    expect(before.groups.reduce((sum, { skips }) => sum + skips, 0)).toBe(before.skipped)
    await copy.drain()
    expect(await groupsOf(copy)).toMatchObject({ skipped: 40, others: 0 })
  })

  it('begin at nothing when the run starts over, and are gone when it is purged', async () => {
    let over = false
    const fickle = defineIteration({
      name: 'fickle-in-groups',
      skip: { on: Refused },
      errors: [restartOn(RangeError, { attempts: 2, wait: 1 })],
      buildEnumerator: ({ cursor, enumerators }) => enumerators.array(upTo(4), { cursor }),
      eachIteration(item) {
        if (item < 3) throw new Refused(`customer ${item} refuses`)
        if (!over) {
          over = true
          throw new RangeError('once more')
        }
      },
    })
    const run = await runOf(fickle, { commit: { everyItems: 1 } })
    expect(await run.drain()).toMatchObject({ status: 'completed', progress: { skipped: 2 } })
    expect((await groupsOf(run)).groups).toMatchObject([{ skips: 2 }])
    await runInDurableObject(stub(run.id), (object: RunHost) => object.erase(run.id))
    const left = await env.DB.prepare(
      'SELECT count(*) AS n FROM dogear_skip_groups WHERE run_id = ?',
    )
      .bind(run.id)
      .first('n')
    expect(left).toBe(0)
  })

  it('say what a re-drive would take on now', async () => {
    const run = await skipping()
    await redrive(picky, run)
    expect((await groupsOf(run)).toRedrive).toBe(40)
  })

  it('are found by keys and an index, however many there are', async () => {
    const run = await skipping()
    const group = (await groupsOf(run)).groups[0]?.id ?? ''
    const plans = await plansOf(async (db) => {
      await listSkipGroups(db, await run.view())
      await listSkips(db, run.id, { limit: 5, group })
      await listSkips(db, run.id, { limit: 5 })
    })
    expect(plans.filter((plan) => plan.startsWith('SCAN dogear'))).toEqual([])
    expect(plans).toContain('SEARCH dogear_skip_groups USING PRIMARY KEY (run_id=?)')
    expect(plans.join('\n')).toContain(
      'USING INDEX dogear_skips_by_group (run_id=? AND error_group=?',
    )
  })
})

describe('a file of skipped items', () => {
  const item: SkippedItem = {
    step: 'iteration',
    cursor: ['a', 7],
    error: { name: 'Refused', message: '=HYPERLINK("x"), says\nshe' },
    attempts: 2,
    skippedAt: '2026-11-30T12:00:00.000Z',
    by: 'ann',
  }

  it('is CSV that no spreadsheet takes for a formula, or JSON lines', () => {
    expect(SKIP_COLUMNS.split(',')).toHaveLength(8)
    expect(skipLine(item, 'csv')).toBe(
      `iteration,"[""a"",7]",Refused,"'=HYPERLINK(""x""), says\nshe",2,2026-11-30T12:00:00.000Z,ann,`,
    )
    expect(JSON.parse(skipLine(item, 'jsonl'))).toEqual(item)
    expect(skipLine({ ...item, cursor: -7 }, 'csv')).toContain(',-7,')
  })

  it('is served with a line for each, whole or of one group', async () => {
    const run = await skipping()
    const { json } = await call('GET', `/api/runs/${run.id}/skips/groups`)
    const [group] = json['groups'] as { id: string }[]
    const fileOf = async (query: string) => {
      const response = await (
        await import('cloudflare:workers')
      ).exports.default.fetch(
        new Request(`http://localhost/api/runs/${run.id}/skips/file?${query}`),
      )
      return { response, lines: (await response.text()).trimEnd().split(/\r?\n/) }
    }
    const csv = await fileOf('')
    expect(csv.response.headers.get('content-type')).toContain('text/csv')
    expect(csv.response.headers.get('content-disposition')).toMatch(/^attachment; filename="skips-/)
    expect(csv.lines).toHaveLength(41)
    expect(csv.lines[0]).toBe(SKIP_COLUMNS)
    const some = await fileOf(`format=jsonl&group=${group?.id}`)
    expect(some.lines).toHaveLength(30)
    expect(some.lines.map((line) => (JSON.parse(line) as SkippedItem).error.name)).toContain(
      'Refused',
    )
    expect((await fileOf('format=xml')).response.status).toBe(400)
    expect((await fileOf('group=odd')).response.status).toBe(400)
  })
})

it('a run that completed without some of its items is counted as such, and not when it is gone', async () => {
  const counted = async () => {
    const { json } = await call('GET', '/api/overview')
    return json['completedWithSkips'] as number
  }
  const before = await counted()
  const run = await skipping()
  expect(await counted()).toBe(before + 1)
  await runInDurableObject(stub(run.id), (object: RunHost) => object.erase(run.id))
  expect(await counted()).toBe(before)
  expect(await bench.objects(run.id).describe()).toBeNull()
})
