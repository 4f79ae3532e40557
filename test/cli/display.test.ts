import type { WriteStream } from 'node:tty'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Run } from '../../src/client/index.ts'
import { barLine, progressText } from '../../src/cli/text/bar.ts'
import { lineDisplay, terminalDisplay } from '../../src/cli/text/display.ts'
import { Paces } from '../../src/cli/text/pace.ts'
import { aRun } from '../support/a-run.ts'
import { FakeTerminal } from '../support/terminal.ts'

const FRAME_MS = 130
const LONG = 'process-orders-iteration'
let now: number

beforeEach(() => {
  now = 0
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
})

afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllEnvs()
})

function at(done: number, changes: Partial<Run> = {}): Run {
  return aRun({ cursor: done, progress: { done, total: 1000, skipped: 0 }, ...changes })
}

function onTerminal(columns = 80) {
  const terminal = new FakeTerminal(columns)
  const display = terminalDisplay(terminal as unknown as WriteStream, () => now)
  return {
    terminal,
    display,
    /** The runs as they are a second later, and a frame drawn. */
    show: (...runs: Run[]): string[] => {
      display.show(runs)
      vi.advanceTimersByTime(FRAME_MS)
      now += 1_000
      return terminal.screen
    },
  }
}

describe('The live bars', () => {
  it('are one line per run, in place, with rate, ETA, cursor, slices and interruptions', () => {
    const { show, display } = onTerminal(100)
    show(at(100), at(10, { id: 'c2', job: 'batch-emails' }))
    expect(show(at(300), at(15, { id: 'c2', job: 'batch-emails' }))).toEqual([
      'Process Orders [███░░░░░░░] 300/1000 200/s ETA 3.5 s (cursor 300) · 2 slices, 1 interruption',
      'Batch Emails [░░░░░░░░░░] 15/1000 5.0/s ETA 3 min 17 s (cursor 15) · 2 slices, 1 interruption',
    ])
    display.close()
  })

  it.each([
    ['a long name', at(1000, { job: LONG, slices: 120, interruptions: 99 })],
    ['a long cursor', at(500, { job: LONG, cursor: { region: 5, stores: Array(50).fill(7) } })],
    ['a status', at(500, { job: LONG, status: 'interrupted', held: true, slices: 12 })],
    ['a long error', at(5, { status: 'failed', error: { name: 'E', message: 'x'.repeat(500) } })],
    ['large counts', at(123_456_789, { job: LONG, slices: 9_999, interruptions: 9_999 })],
  ])('fit into 80 columns, whatever they show: %s', (_what, run) => {
    const { show, display, terminal } = onTerminal(80)
    show({ ...run, progress: { ...run.progress, done: 0 } })
    const screen = show(run)
    expect(screen).toHaveLength(1)
    expect(screen[0]).toContain(progressText(run))
    display.close()
    expect(terminal.screen).toHaveLength(1)
  })

  it('keep rate and ETA at 80 columns, and shorten the rest', () => {
    const pace = { itemsPerSecond: 210, etaMs: 3_110 }
    const run = at(347, { job: LONG })
    expect(barLine(run, { pace })).toBe(
      'Process Orders It… [██░░░░░░] 347/1000 210/s ETA 3.1 s (cursor 347) · 2 sl 1 int',
    )
    expect(barLine(run, { pace, columns: 50 })).toContain('347/1000 210/s ETA 3.1 s')
  })

  it('leave what has ended above those that go on', () => {
    const { show, display } = onTerminal()
    const finishedAt = '2026-02-02T10:23:44.200Z'
    const ended = at(1000, { id: 'c2', status: 'completed', cursor: null, finishedAt })
    show(at(100), ended)
    expect(show(at(150))).toEqual([
      'Process Orders [██████████] 1000/1000 completed in 4.2 s · 2 sl 1 int',
      expect.stringMatching(/^Process Orders .* 150\/1000 50\/s/),
    ])
    display.close()
  })

  it('have colours, unless NO_COLOR says otherwise', () => {
    vi.stubEnv('TERM', 'xterm-256color')
    // Node takes a machine that it does not know, and that says CI, for one without colours.
    vi.stubEnv('CI', undefined)
    vi.stubEnv('FORCE_COLOR', undefined)
    vi.stubEnv('NO_COLOR', undefined)
    const coloured = onTerminal()
    coloured.show(at(100))
    coloured.display.close()
    expect(coloured.terminal.written).toContain('\u001B[36m[█░░░░░░░░░]\u001B[39m')

    vi.stubEnv('NO_COLOR', '1')
    const plain = onTerminal()
    plain.show(at(100))
    plain.display.close()
    expect(plain.terminal.written).not.toContain('\u001B[36m')
    expect(plain.terminal.screen).toEqual(coloured.terminal.screen)
  })
})

describe('Lines, where there is no terminal', () => {
  it('are not repeated because of a rate that falls while nothing happens', () => {
    const lines: string[] = []
    const display = lineDisplay(
      (line) => lines.push(line),
      0,
      () => now,
    )
    for (const done of [100, 200, 200, 200]) {
      display.show([at(done)])
      now += 1_000
    }
    display.close()
    expect(lines.map((line) => /\d+\/1000.*?(?= \()/.exec(line)?.[0])).toEqual([
      '100/1000',
      '200/1000 100/s ETA 8.0 s',
    ])
  })
})

describe('B12 the pace of a run', () => {
  it('is unknown for a second, then that of the last ten', () => {
    const paces = new Paces(() => now)
    const seen = (done: number, changes?: Partial<Run>) => {
      const pace = paces.seen(at(done, changes))
      now += 500
      return pace
    }
    expect(seen(0)).toBeUndefined()
    expect(seen(100)).toBeUndefined()
    expect(seen(200)).toEqual({ itemsPerSecond: 200, etaMs: 4_000 })
    now = 60_000
    seen(300)
    now = 71_000
    expect(seen(300)).toEqual({ itemsPerSecond: 0 })
  })

  it('leaves out the time in which it was held or paused', () => {
    const paces = new Paces(() => now)
    paces.seen(at(100))
    now = 5_000
    expect(paces.seen(at(300, { status: 'interrupted', held: true }))).toBeUndefined()
    now = 600_000
    expect(paces.seen(at(300))).toBeUndefined()
    now = 602_000
    expect(paces.seen(at(500))).toMatchObject({ itemsPerSecond: 100 })
  })

  it('has no ETA where the total is unknown', () => {
    const paces = new Paces(() => now)
    paces.seen(aRun({ progress: { done: 0, total: null, skipped: 0 } }))
    now = 2_000
    const pace = paces.seen(aRun({ progress: { done: 50, total: null, skipped: 0 } }))
    expect(pace).toEqual({ itemsPerSecond: 25 })
  })

  it('M23 has no ETA before anything is done, nor when the run has ended; else what is left by its rate', () => {
    const paces = new Paces(() => now)
    const seen = (done: number, changes?: Partial<Run>) =>
      paces.seen(aRun({ progress: { done, total: 10, skipped: 0 }, ...changes }))
    now = 0
    expect(seen(0)).toBeUndefined()
    now = 2_000
    expect(seen(0)).toEqual({ itemsPerSecond: 0 })
    now = 9_000
    expect(seen(9)).toEqual({ itemsPerSecond: 1, etaMs: 1_000 })
    now = 10_000
    expect(seen(10, { status: 'completed' })).toBeUndefined()
  })
})
