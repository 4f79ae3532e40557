import { describe, expect, it } from 'vitest'
import type { Checkpoint, Run } from '../../src/client/index.ts'
import {
  interruptDirective,
  parseCount,
  parseDuration,
  parseInterruptAt,
  parseLabel,
  parseParam,
  parseTime,
} from '../../src/cli/args.ts'
import { bar, barLine, stateText, titleText } from '../../src/cli/text/bar.ts'
import { lineDisplay } from '../../src/cli/text/display.ts'
import { errorLine, UsageError } from '../../src/cli/errors.ts'
import { checkpointText, verificationText } from '../../src/cli/text/render.ts'
import { runText } from '../../src/cli/text/run-text.ts'
import { durationText } from '../../src/cli/text/text.ts'
import { aRun } from '../support/a-run.ts'

describe('an argument', () => {
  it.each([
    ['500ms', 500],
    ['10s', 10_000],
    ['1.5m', 90_000],
    ['2h', 7_200_000],
    ['3d', 259_200_000],
  ])('%s is a duration of %d ms', (text, ms) => {
    expect(parseDuration(text)).toBe(ms)
  })

  it.each(['', '10', 's', '-1s', '10 s', '1w', '1e3s'])('%j is no duration', (text) => {
    expect(() => parseDuration(text)).toThrow(UsageError)
  })

  it.each(['0', '-1', '1.5', 'x', '', '99999999999999999999'])('%j is no count', (text) => {
    expect(() => parseCount(text)).toThrow(UsageError)
  })

  it.each(['order:500', 'customer:42', 'batch:30', 'file:a:b'])('%s is a place', (text) => {
    expect(parseInterruptAt(text)).toBe(text)
  })

  it.each(['500', 'order', 'order:', ':500', 'order: 500', 'Order:1'])('%j is no place', (text) => {
    expect(() => parseInterruptAt(text)).toThrow(UsageError)
  })

  it('gives a param as JSON where it is JSON, else as a string', () => {
    const given = ['n=5', 't=true', 'a=[1,"x"]', 'o={"k":null}', 's=plain', 'e=', 'q=a=b', 'j="5"']
    const params = given.reduce((before, text) => parseParam(text, before), {})
    expect(params).toEqual({
      n: 5,
      t: true,
      a: [1, 'x'],
      o: { k: null },
      s: 'plain',
      e: '',
      q: 'a=b',
      j: '5',
    })
  })

  it('F01 keeps as text what a number would lose digits of', () => {
    expect(parseParam('id=9007199254740993')).toEqual({ id: '9007199254740993' })
    expect(parseParam('ids=[9007199254740993]')).toEqual({ ids: '[9007199254740993]' })
  })

  it.each(['', 'n', '=5'])('%j is no param', (text) => {
    expect(() => parseParam(text)).toThrow(UsageError)
  })

  it('gives labels by name, and refuses what is none', () => {
    expect(parseLabel('b:x:y', parseLabel('a:1'))).toEqual({ a: '1', b: 'x:y' })
    for (const text of ['', 'a', ':b', 'a:']) expect(() => parseLabel(text)).toThrow(UsageError)
  })

  it.each([
    ['2026-02-02', '2026-02-02T00:00:00.000Z'],
    ['2026-02-02T10:00Z', '2026-02-02T10:00:00.000Z'],
    ['2h', '2026-02-02T08:00:00.000Z'],
    ['3d', '2026-01-30T10:00:00.000Z'],
  ])('%s is a time', (text, time) => {
    expect(parseTime(text, Date.parse('2026-02-02T10:00:00Z'))).toBe(time)
  })

  it.each(['', '7', 'yesterday', '2026-02-31T99:00Z', '2h ago'])('%j is no time', (text) => {
    expect(() => parseTime(text)).toThrow(UsageError)
  })

  it('names at most one interruption', () => {
    expect(interruptDirective({})).toBeUndefined()
    expect(interruptDirective({ interruptAfter: 10_000 })).toEqual({ afterMs: 10_000 })
    expect(interruptDirective({ interruptAfterItems: 300 })).toEqual({ afterItems: 300 })
    expect(interruptDirective({ interruptAt: 'order:500' })).toEqual({ at: 'order:500' })
    expect(() => interruptDirective({ interruptAfter: 1, interruptAt: 'order:5' })).toThrow(
      UsageError,
    )
  })
})

describe('a bar', () => {
  it('shows progress and cursor', () => {
    expect(barLine(aRun())).toBe(
      'Process Orders [███░░░░░░░] 347/1000 (cursor 347) · 2 slices, 1 interruption',
    )
  })

  it('shows the status of a run that does not just run', () => {
    expect(barLine(aRun({ status: 'interrupted', reason: 'signal', held: true }))).toBe(
      'Process Orders [███░░░░░░░] 347/1000 (cursor 347) interrupted, held · 2 sl 1 int',
    )
    expect(stateText(aRun({ status: 'interrupted', reason: 'budget' }))).toBe(
      'interrupted (budget)',
    )
    expect(stateText(aRun({ reason: 'pause' }))).toBe('running, pause asked')
    expect(stateText(aRun({ status: 'paused' }))).toBe('paused')
  })

  it('shows how a run ended', () => {
    const progress = { done: 999, total: 1000, skipped: 1 }
    const end = { progress, cursor: null, finishedAt: '2026-02-02T10:23:44.200Z' }
    expect(barLine(aRun({ ...end, status: 'completed' }))).toBe(
      'Process Orders [█████████░] 999/1000, 1 skipped completed in 4.2 s · 2 sl 1 int',
    )
    const error = { name: 'Error', message: 'boom' }
    expect(barLine(aRun({ ...end, status: 'failed', error }))).toContain('failed: boom')
  })

  it('fits the terminal, whatever the cursor', () => {
    const cursor = { region: 5, stores: Array.from({ length: 50 }, (_, i) => i) }
    const run = aRun({ job: 'process-orders-iteration', cursor, status: 'paused' })
    expect(barLine(run, { columns: 80 }).length).toBeLessThanOrEqual(80)
    expect(barLine(run, { columns: 80 })).toContain('347/1000')
  })

  it('is full only when all is done, and shows no share of an unknown total', () => {
    expect(bar(999, 1000)).toBe('█████████░')
    expect(bar(1000, 1000)).toBe('██████████')
    expect(bar(1200, 1000)).toBe('██████████')
    expect(bar(0, 0)).toBe('██████████')
    expect(bar(347, null)).toBe('··········')
  })

  it('has the name of the job in title case', () => {
    expect(titleText('process-orders-iteration')).toBe('Process Orders Iteration')
  })
})

describe('without a terminal', () => {
  it('a run is a line per change of status, and no more often than asked in between', () => {
    const lines: string[] = []
    const display = lineDisplay((line) => lines.push(line), 60_000)
    const at = (done: number, changes: Partial<Run> = {}) =>
      display.show([
        aRun({ cursor: done, progress: { done, total: 1000, skipped: 0 }, ...changes }),
      ])
    at(1)
    at(1)
    at(2)
    at(3, { status: 'paused' })
    at(3, { status: 'paused' })
    at(4)
    at(5)
    expect(lines.map((line) => /\d+\/[^·]*/.exec(line)?.[0].trim())).toEqual([
      '1/1000 (cursor 1)',
      '3/1000 (cursor 3) paused',
      '4/1000 (cursor 4)',
    ])
    display.close()
    expect(lines.at(-1)).toContain('5/1000')
  })
})

describe('the text of', () => {
  const checkpoint: Checkpoint = {
    run: 'b7e1',
    job: 'process-orders',
    style: 'continuable',
    status: 'interrupted',
    step: 'process_orders',
    cursor: 347,
    completedSteps: ['load_orders'],
    resumptions: 1,
    updatedAt: '2026-02-02T10:23:45.678Z',
    seq: 9,
    fence: 2,
    bytes: 80,
  }

  it('a checkpoint is laid out as people know it', () => {
    expect(checkpointText(checkpoint)).toBe(
      [
        'Checkpoint for process-orders (run b7e1):',
        '  Step: process_orders',
        '  Cursor: 347',
        '  Resumptions: 1',
        '  Last updated: 2026-02-02 10:23:45 UTC',
      ].join('\n'),
    )
  })

  it('a checkpoint without a step has no line for it', () => {
    const text = checkpointText({ ...checkpoint, step: null, cursor: null })
    expect(text).not.toContain('Step')
    expect(text).toContain('  Cursor: none')
  })

  it('a verification says of each check that failed what was expected', () => {
    const checks = [
      { name: 'All 1000 orders processed', ok: true, expected: 1000, actual: 1000 },
      { name: 'No duplicate processing detected', ok: false, expected: 0, actual: 3 },
    ]
    expect(verificationText({ ok: false, run: 'b7e1', checks })).toBe(
      '✅ All 1000 orders processed\n❌ No duplicate processing detected: expected 0, found 3',
    )
  })

  it('a run leaves out what it does not have', () => {
    const text = runText(aRun())
    expect(text).toContain('Status:           running\n')
    expect(text).not.toContain('Error')
    expect(runText(aRun({ error: { name: 'Error', code: 'boom', message: 'It broke' } }))).toMatch(
      /^Error: +It broke \(boom\)$/m,
    )
  })

  it('an error is one line', () => {
    expect(errorLine('unknown_job', 'There is no job\n  "x"\n')).toBe(
      'dogear: There is no job "x" (unknown_job)',
    )
  })

  it.each([
    [999, '999 ms'],
    [4_200, '4.2 s'],
    [119_999, '120.0 s'],
    [179_999, '3 min 0 s'],
    [125_000, '2 min 5 s'],
  ])('%d ms is %s', (ms, text) => {
    expect(durationText(ms)).toBe(text)
  })
})
