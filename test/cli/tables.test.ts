import { afterEach, describe, expect, it, vi } from 'vitest'
import { barLine } from '../../src/cli/text/bar.ts'
import { lookFor, plainLook } from '../../src/cli/text/look.ts'
import { runText } from '../../src/cli/text/run-text.ts'
import { runsText } from '../../src/cli/text/runs-text.ts'
import { table } from '../../src/cli/text/table.ts'
import { ageText } from '../../src/cli/text/text.ts'
import { cutToWidth, widthOf } from '../../src/cli/text/width.ts'
import { aRun } from '../support/a-run.ts'

const ID = 'b7e1f00d'.repeat(4)
const look = { ...plainLook, now: Date.parse('2026-02-02T12:23:40Z') }
const wide = { ...look, columns: Infinity }
const failed = aRun({
  id: ID,
  status: 'failed',
  startedAt: '2026-02-02T10:23:45.000Z',
  finishedAt: '2026-02-02T10:27:05.000Z',
  error: { name: 'Error', code: 'bad_row', message: `order 348\nhas no price${'!'.repeat(5_000)}` },
})

afterEach(() => void vi.unstubAllEnvs())

describe('The table of runs', () => {
  it('has a line for each, with what one needs at night, and fits into 80 columns', () => {
    const running = aRun({ id: 'c'.repeat(32), startedAt: '2026-02-02T12:23:00.000Z' })
    expect(runsText([failed, running], look).split('\n')).toEqual([
      'RUN       JOB             STATUS   DONE      AGE  TOOK   ERROR',
      'b7e1f00d  process-orders  failed   347/1000  2h   3m20s  order 348\\nhas no pric…',
      'cccccccc  process-orders  running  347/1000  2h   40s',
    ])
    expect(runsText([])).toBe('No runs.')
  })

  it('makes room for long names, and keeps the short id whole', () => {
    const run = { ...failed, job: 'a-job-with-a-name-as-long-as-names-may-be-'.repeat(2) }
    const [, line = ''] = runsText([run], look).split('\n')
    expect(line.length).toBeLessThanOrEqual(80)
    expect(line).toMatch(/^b7e1f00d {2}a-job-with-a.*… .*order 348.*…$/)
  })

  it.each([20, 40, 60, 120])('fits into %d columns', (columns) => {
    const lines = runsText([failed], { ...look, columns }).split('\n')
    expect(lines).toHaveLength(2)
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(columns)
  })

  it('is cut nowhere when it is to be wide, and still has a line for each', () => {
    const lines = runsText([failed, aRun()], wide).split('\n')
    expect(lines).toHaveLength(3)
    expect(lines[1]).toContain(ID)
    expect(lines[1]).toContain('2026-02-02 10:23:40 UTC')
    expect(lines[1]).toMatch(/order 348\\nhas no price!{5000} \(bad_row\)$/)
  })
})

describe('A run by itself', () => {
  it('shows all of its error, on the lines that it has', () => {
    expect(runText(failed)).toMatch(
      /^Error: +order 348\n +has no price!{5000} \(bad_row\)\nSlices:/m,
    )
  })
})

describe('The width', () => {
  it('is that of the terminal; without one, 80 or what COLUMNS says', () => {
    const pipe = {} as never
    vi.stubEnv('COLUMNS', undefined)
    expect(lookFor(pipe, false).columns).toBe(80)
    vi.stubEnv('COLUMNS', '132')
    expect(lookFor(pipe, false).columns).toBe(132)
    expect(lookFor({ columns: 100 } as never, false).columns).toBe(100)
    expect(lookFor(pipe, true).columns).toBe(Infinity)
    vi.stubEnv('COLUMNS', 'many')
    expect(lookFor(pipe, false).columns).toBe(80)
  })

  it('counts what a terminal shows: two columns for some characters, none for colours', () => {
    expect(widthOf('東京')).toBe(4)
    expect(widthOf('🐢')).toBe(2)
    expect(widthOf('e\u0301')).toBe(1)
    expect(widthOf('\u001b[31mred\u001b[39m')).toBe(3)
    expect(cutToWidth('東京タワー', 5)).toBe('東京…')
    expect(cutToWidth('\u001b[31mfailed\u001b[39m', 4)).toBe('\u001b[31mfai…\u001b[39m')
  })

  it('holds for a live bar, too, whatever the characters', () => {
    const error = { name: 'Error', message: '失敗'.repeat(100) }
    const line = barLine(aRun({ status: 'failed', error }), { columns: 60 })
    expect(widthOf(line)).toBeLessThanOrEqual(60)
  })

  it('lets columns stand where they stand, whatever colours a cell has', () => {
    const rows = [
      ['A', 'B'],
      ['\u001b[31mlong\u001b[39m', 'x'],
    ]
    expect(table(rows)).toBe('A     B\n\u001b[31mlong\u001b[39m  x')
  })
})

describe('An age', () => {
  it.each([
    [-5, '0s'],
    [45_900, '45s'],
    [200_000, '3m20s'],
    [7_500_000, '2h5m'],
    [7_200_000, '2h'],
    [273_600_000, '3d4h'],
  ])('of %d ms is %s', (ms, text) => {
    expect(ageText(ms)).toBe(text)
  })
})
