import { runInDurableObject } from 'cloudflare:test'
import { beforeAll, describe, expect, it } from 'vitest'
import { LineLog } from '../../durable-objects/line-log.ts'
import type { RunHost } from '../../durable-objects/run-host.ts'
import type { LoggedLine } from '../../src/engine/events.ts'
import { createTables, start, stub } from '../support/drive.ts'
import { appendSteps } from '../support/jobs.ts'

beforeAll(createTables)

const BEGAN = Date.UTC(2026, 0, 1)

function line(second: number, level: LoggedLine['level'], message: string): LoggedLine {
  const at = new Date(BEGAN + second * 1_000).toISOString()
  return { type: 'run.logged', run: 'r', job: 'j', fence: 1, at, level, message }
}

async function withLog<T>(work: (log: LineLog, sql: SqlStorage) => T): Promise<T> {
  const run = await start(appendSteps, { params: { items: 1 } })
  return runInDurableObject(stub(run), (_instance: RunHost, { storage }) =>
    work(new LineLog(storage.sql), storage.sql),
  )
}

/** Everything that is kept, page by page, newest first. */
function idsOf(log: LineLog, level: LoggedLine['level'] = 'info'): number[] {
  const ids: number[] = []
  let before: number | undefined
  for (;;) {
    const page = log.page({ limit: 400, level, ...(before !== undefined && { before }) })
    ids.push(...page.lines.map(({ id }) => id))
    if (page.next === null) return ids
    before = page.next
  }
}

describe("The log of a run's own lines", () => {
  it('keeps the newest whole, and of older ones what matters; and counts the rest', async () => {
    await withLog((log) => {
      log.append([line(0, 'error', 'the first trouble')], 0, BEGAN)
      for (let n = 1; n <= 600; n++)
        log.append(
          Array.from({ length: 20 }, () => line(n, 'info', 'x')),
          0,
          BEGAN,
        )
      const ids = idsOf(log)
      const { total, leftOut } = log.page({ limit: 1 })
      expect(total).toBe(12_001)
      expect(ids.length).toBeLessThanOrEqual(5_001)
      expect(ids.length).toBeGreaterThan(4_000)
      expect(ids.slice(0, 3)).toEqual([12_001, 12_000, 11_999])
      expect(ids.at(-1)).toBe(1)
      expect(idsOf(log, 'warn')).toEqual([1])
      expect(leftOut).toMatchObject({ count: 12_001 - ids.length, from: line(1, 'info', '').at })
    })
  })

  it('is bounded in bytes, also where every line is an error', async () => {
    await withLog((log, sql) => {
      for (let n = 1; n <= 3_000; n++) log.append([line(n, 'error', 'x'.repeat(1_000))], 0, BEGAN)
      const { bytes } = sql
        .exec<{ bytes: number }>('SELECT sum(length(lines)) AS bytes FROM lines')
        .one()
      expect(bytes).toBeLessThanOrEqual(1_250_000)
      const ids = idsOf(log)
      const { total, leftOut } = log.page({ limit: 1 })
      expect(total).toBe(3_000)
      expect(leftOut?.count).toBe(3_000 - ids.length)
    })
  })

  it('takes one row for what comes together', async () => {
    await withLog((log, sql) => {
      log.append([line(1, 'info', 'a'), line(1, 'info', 'b'), line(1, 'info', 'c')], 0, BEGAN)
      log.append([], 0, BEGAN)
      expect(sql.exec('SELECT * FROM lines').toArray()).toHaveLength(1)
      expect(log.page({ limit: 9, before: 3, after: 1 }).lines).toMatchObject([{ message: 'b' }])
    })
  })
})
