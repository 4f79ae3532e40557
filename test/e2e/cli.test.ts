import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Checkpoint, JobInfo, Run, Verification } from '../../src/client/index.ts'
import type { Snapshot } from '../../src/shop/client.ts'
import type { Comparison } from '../../src/shop/cli/comparison.ts'
import { dogear, dogearJson } from './support/dogear.ts'
import { type FreshWorker, startFreshWorker } from './support/fresh-worker.ts'
import { eventually } from './support/wait.ts'

const STYLES = ['process-orders', 'process-orders-iteration']
const HEADER = 'InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country'
const ROW = '536365,85123A,WHITE HANGING HEART,6,2010-12-01 08:26:00,2.55,17850.0,United Kingdom'

describe('The dogear command', () => {
  let worker: FreshWorker

  beforeAll(async () => {
    worker = await startFreshWorker()
  })

  afterAll(async () => {
    await worker?.remove()
  })

  const run = (...args: string[]) => dogear(worker.url, ...args)
  const json = <T>(...args: string[]) => dogearJson<T>(worker.url, ...args)

  /** Runs a command that must succeed; what it prints. */
  async function text(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await run(...args)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    return stdout
  }

  async function file(name: string, ...lines: string[]): Promise<string> {
    const path = join(worker.folder, name)
    await writeFile(path, `${lines.join('\n')}\n`)
    return path
  }

  describe('used as the README says', () => {
    beforeEach(async () => {
      await worker.client.seed({ quick: true })
    })

    it('seeds, runs to the end, shows and verifies', async () => {
      expect(await text('seed', '--quick')).toContain('Total: 100 | Pending: 100 | Processed: 0')
      const jobs = await text('jobs')
      for (const job of [...STYLES, 'import-orders']) expect(jobs).toContain(job)

      const ran = await text('run', 'process-orders', '--wait')
      expect(ran).toMatch(/Status: +completed/)
      expect(ran).toMatch(/Progress: +100\/100/)
      expect(await text('show', 'last')).toMatch(/Job: +process-orders \(continuable\)/)
      expect(await text('checkpoint', 'last')).toContain('Checkpoint for process-orders (run ')
      expect(await text('runs')).toMatch(/process-orders +completed +100\/100/)
      expect(await text('snapshot')).toContain('Pending: 0 | Processed: 100')

      const verified = await text('verify', 'last')
      expect(verified).toContain('✅ Each order handled exactly once')
      expect(verified).not.toContain('❌')
    })

    it.each([
      { job: 'process-orders', cursor: 31, step: '\n  Step: process_orders' },
      { job: 'process-orders-iteration', cursor: 30, step: '' },
    ])(
      'holds $job after 30 items, shows its checkpoint, and resumes it',
      async ({ job, cursor, step }) => {
        const held = await text('run', job, '--interrupt-after-items', '30', '--hold', '--wait')
        expect(held).toMatch(/Status: +interrupted, held/)
        expect(await text('checkpoint', 'last')).toContain(`${step}\n  Cursor: ${cursor}\n`)
        expect(await text('snapshot')).toContain('Pending: 70 | Processed: 30')

        await text('resume', 'last')
        expect(await text('monitor', 'last')).toContain('completed')
        expect(await json<Run>('show', 'last')).toMatchObject({
          status: 'completed',
          progress: { done: 100 },
          resumptions: 1,
        })
        await text('verify', 'last')
      },
    )

    it('prints exactly one JSON document with --json', async () => {
      expect(await json<Snapshot>('seed', '--quick')).toMatchObject({ orders: { total: 100 } })
      const { jobs } = await json<{ jobs: JobInfo[] }>('jobs')
      expect(jobs.map(({ name }) => name)).toEqual(expect.arrayContaining(STYLES))
      const { id } = await json<Run>('run', 'process-orders', '--wait')
      expect(await json<Run>('show', id)).toMatchObject({ id, status: 'completed' })
      expect(await json<Run>('monitor', id)).toMatchObject({ id, status: 'completed' })
      expect(await json<Checkpoint>('checkpoint', id)).toMatchObject({ run: id })
      expect((await json<{ runs: Run[] }>('runs', '--limit', '1')).runs).toMatchObject([{ id }])
      expect(await json<Verification>('verify', id)).toMatchObject({ ok: true, run: id })
      expect(await json<Snapshot>('snapshot')).toMatchObject({ logRows: 100, duplicates: 0 })
      expect(await json<Snapshot>('reset')).toMatchObject({ orders: { pending: 100 }, logRows: 0 })
    })

    it('compares both styles over the same orders, each run verified', async () => {
      const { ok, styles } = await json<Comparison>('compare', '--orders', '100', '--rounds', '1')
      expect(ok).toBe(true)
      expect(styles.map(({ job }) => job)).toEqual(STYLES)
      for (const style of styles) {
        expect(style.verification).toEqual({ ok: true, runs: 3, failed: [] })
        expect(style.timeMs.median).toBeGreaterThan(0)
        expect(style.commits.median).toBeLessThan(50)
        expect(style.d1RowsWritten.median).toBeGreaterThanOrEqual(200)
        expect(style.checkpointBytes).toBeGreaterThan(20)
      }
    })

    it('tells what has happened to a run, from the beginning or on from there', async () => {
      const { run: id, events } = await json<{ run: string; events: { id: number }[] }>(
        'events',
        'last',
      )
      expect(events[0]).toMatchObject({ id: 1, event: { type: 'run.created', run: id } })
      const lines = (await text('events', id, '--after', `${events.at(-2)?.id}`)).trim().split('\n')
      expect(lines).toEqual([
        expect.stringMatching(/^1 of \d+ events$/),
        expect.stringMatching(/^\d{4}-\d\d-\d\d UTC$/),
        expect.stringMatching(/^ *\d+ {2}[\d:.]+ {2}Now completed$/),
        `Run ${id} is completed.`,
      ])
    })

    it('imports a file, and the orders of its lines', async () => {
      const path = await file('two.csv', HEADER, ROW, ROW.replace('85123A', '71053'))
      expect(await text('import', path)).toMatch(/Status: +completed/)
      expect(await json<Snapshot>('snapshot')).toMatchObject({ orders: { total: 101 } })
      await text('verify', 'last')
      expect(await json<Snapshot>('clean')).toMatchObject({ orders: { total: 0 }, lines: 0 })
    })
  })

  describe('used wrongly', () => {
    const nobody = 'http://127.0.0.1:1'
    let completed: string

    beforeAll(async () => {
      await worker.client.seed({ quick: true })
      const { id } = await json<Run>('run', 'process-orders', '--wait')
      completed = id
    })

    /** Everything that a command could have changed. */
    async function state(): Promise<unknown> {
      const { runs } = await worker.client.runs({ limit: 100 })
      return { shop: await worker.client.snapshot(), runs }
    }

    const WRONG: { what: string; code: 1 | 2; says: RegExp; args: () => string[] }[] = [
      { what: 'no verb', code: 2, says: /a verb is missing/, args: () => [] },
      { what: 'an unknown verb', code: 2, says: /unknown command 'walk'/, args: () => ['walk'] },
      {
        what: 'an unknown option',
        code: 2,
        says: /unknown option '--fast'/,
        args: () => ['run', 'process-orders', '--fast'],
      },
      {
        what: 'a count that is none',
        code: 2,
        says: /'none' is not a count/,
        args: () => ['seed', '--orders', 'none'],
      },
      {
        what: 'an unknown job',
        code: 1,
        says: /walk-orders.*\(unknown_job\)/,
        args: () => ['run', 'walk-orders'],
      },
      {
        what: 'an unknown param',
        code: 1,
        says: /color.*\(invalid_params\)/,
        args: () => ['run', 'process-orders', '--param', 'color=1'],
      },
      {
        what: 'a param of the wrong type',
        code: 1,
        says: /upTo.*\(invalid_params\)/,
        args: () => ['run', 'process-orders', '--param', 'upTo=many'],
      },
      {
        what: 'an interruption in units of another job',
        code: 1,
        says: /\(invalid_options\)/,
        args: () => ['run', 'process-orders', '--interrupt-at', 'batch:30'],
      },
      {
        what: 'an unknown run',
        code: 1,
        says: /\(unknown_run\)/,
        args: () => ['show', '0'.repeat(32)],
      },
      {
        what: 'resuming a run that is completed',
        code: 1,
        says: /is completed.*\(invalid_transition\)/,
        args: () => ['resume', completed],
      },
      {
        what: 'a file that is not there',
        code: 1,
        says: /\(unreadable_file\)/,
        args: () => ['import', join(worker.folder, 'nothing.csv')],
      },
      {
        what: 'a file with the wrong columns',
        code: 1,
        says: /lacks StockCode.*\(import_columns_wrong\)/,
        args: () => ['import', join(worker.folder, 'columns.csv')],
      },
      {
        what: 'a file with a broken row',
        code: 1,
        says: /Line 3: Quantity is "six".*\(import_row_broken\)/,
        args: () => ['import', join(worker.folder, 'row.csv')],
      },
      {
        what: 'a server that does not answer',
        code: 1,
        says: /No answer from http:\/\/127\.0\.0\.1:1;.*\(unreachable\)/,
        args: () => ['--url', nobody, 'snapshot'],
      },
    ]

    it.each(WRONG)(
      'refuses $what in one line, and changes nothing',
      async ({ code, says, args }) => {
        await file('columns.csv', HEADER.replace('StockCode,', ''), ROW.replace('85123A,', ''))
        await file('row.csv', HEADER, ROW, ROW.replace(',6,', ',six,'))
        const before = await state()

        const ended = await run(...args())
        expect(ended.stderr).toMatch(/^dogear: [^\n]+\n$/)
        expect(ended.stderr).toMatch(says)
        expect(ended).toMatchObject({ code, stdout: '' })
        expect(await state()).toEqual(before)
      },
    )

    it('prints a problem document with --json', async () => {
      const { code, stdout, stderr } = await run('--json', 'run', 'walk-orders')
      expect(JSON.parse(stdout)).toMatchObject({ code: 'unknown_job', status: 404 })
      expect(stderr).toMatch(/^dogear: [^\n]+\n$/)
      expect(code).toBe(1)
    })

    it('exits with 1 when a verification fails', async () => {
      await worker.client.reset()
      const { code, stdout } = await run('verify', completed)
      expect(stdout).toContain("❌ All orders in the run's range handled: expected 100, found 0")
      expect(code).toBe(1)
    })
  })

  it('sees a run go on by itself after its Worker was stopped and started', async () => {
    await worker.client.seed({ orders: 500 })
    const { id } = await worker.client.start('process-orders', { commit: { everyItems: 1 } })
    await eventually('some progress', 30_000, async () => {
      return (await worker.client.run(id)).progress.done >= 50
    })

    // SIGTERM, in the middle of a slice.
    await worker.stop()
    await worker.restart()
    const restartedAt = Date.now()
    const processed = async () => (await worker.client.snapshot()).orders.processed
    const before = await processed()
    expect(before).toBeGreaterThanOrEqual(50)
    expect(before).toBeLessThan(500)
    await eventually('the next order', 15_000, async () => (await processed()) > before)
    console.log(`back ${Date.now() - restartedAt} ms after a SIGTERM and a restart`)

    expect(await text('monitor', id)).toContain('completed')
    expect(await processed()).toBe(500)
    await text('verify', id)
  })
})
