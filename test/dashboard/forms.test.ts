import { describe, expect, it } from 'vitest'
import type { JobInfo } from '../../src/client/index.ts'
import {
  bulkFilter,
  chosen,
  filterOf,
  isFiltered,
  queryOf,
} from '../../src/dashboard/forms/run-filter.ts'
import {
  commandLine,
  fieldProblems,
  isSensitive,
  startOptions,
} from '../../src/dashboard/forms/start-form.ts'

const job: JobInfo = {
  name: 'send',
  style: 'iteration',
  unit: 'mail',
  stale: false,
  sensitive: ['key', 'smtp.password'],
  params: {
    properties: {
      key: { type: 'string' },
      smtp: { type: 'object' },
      count: { type: 'integer' },
      loud: { type: 'boolean' },
      to: { type: 'string' },
      mode: { type: 'string', enum: ['a', 'b'] },
    },
    required: ['key'],
  },
}

function form(fields: Record<string, string>): FormData {
  const data = new FormData()
  for (const [name, value] of Object.entries(fields)) data.set(name, value)
  return data
}

describe('The form that starts a run', () => {
  it('makes of texts what the schema wants, and leaves out what is empty', () => {
    const typed = {
      'param:key': 'k',
      'param:smtp': '{"host":"h"}',
      'param:count': '12',
      'param:loud': 'on',
      'param:to': '',
      'param:mode': '"b"',
    }
    expect(startOptions(job, form(typed))).toEqual({
      params: { key: 'k', smtp: { host: 'h' }, count: 12, loud: true, mode: 'b' },
    })
  })

  it('F01 hands on what a number would lose digits of as it is, too', () => {
    const typed = { 'param:count': '9007199254740993' }
    expect(startOptions(job, form(typed)).params).toMatchObject({ count: '9007199254740993' })
  })

  it('hands on what is no JSON as it is, for the API to say what is wrong', () => {
    expect(startOptions(job, form({ 'param:smtp': '{oops' })).params).toMatchObject({
      smtp: '{oops',
      loud: false,
    })
  })

  it('takes interruption, commit policy, wait and labels', () => {
    const typed = {
      afterSeconds: '1.5',
      at: ' mail:5 ',
      everyItems: '10',
      wait: '5 minutes',
      labels: 'a:1, b:x:y',
      hold: 'on',
    }
    expect(startOptions({ ...job, params: null }, form(typed))).toEqual({
      params: {},
      interrupt: { afterMs: 1_500, at: 'mail:5' },
      commit: { everyItems: 10 },
      wait: '5 minutes',
      labels: { a: '1', b: 'x:y' },
      hold: true,
    })
  })

  it('shows a problem at the fields that it names', () => {
    const message =
      'Params of job \'send\' are not valid: count: Too small: expected number to be >0; smtp.host: Invalid input; Unrecognized key: "to"'
    expect(fieldProblems(job, { code: 'invalid_params', message })).toEqual({
      'param:count': 'count: Too small: expected number to be >0',
      'param:smtp': 'smtp.host: Invalid input',
    })
    expect(
      fieldProblems(job, { code: 'invalid_request', message: 'commit.everyItems: Too small' }),
    ).toEqual({ everyItems: 'commit.everyItems: Too small' })
    expect(fieldProblems(job, { code: 'unreachable', message: 'No answer' })).toEqual({})
  })

  it('never shows what is sensitive, nor in the command', () => {
    expect(['key', 'smtp', 'to'].map((param) => isSensitive(job, param))).toEqual([
      true,
      true,
      false,
    ])
    const params = { key: 'secret', to: "it's", count: 3 }
    expect(commandLine(job, { params, hold: true })).toBe(
      `npm run dogear -- run send --param 'key=…' --param 'to=it'\\''s' --param count=3 --hold`,
    )
  })
})

describe('The filter of the list', () => {
  it('is what the address says, and makes the address again', () => {
    const filter = filterOf(new URLSearchParams('status=failed&label=a:b&other=1&cursor=c'))
    expect(isFiltered(filter)).toBe(true)
    expect(queryOf(filter)).toBe('status=failed&label=a%3Ab')
    expect(queryOf(filter, 'next')).toContain('cursor=next')
    expect(isFiltered(filterOf(new URLSearchParams('sort=oldest')))).toBe(false)
  })

  it('makes times of what is relative, the same within a minute', () => {
    const filter = filterOf(new URLSearchParams('since=24h&q=abcd&status=failed'))
    const { since } = chosen(filter) as { since: string }
    const age = Date.now() - Date.parse(since)
    expect(age).toBeGreaterThanOrEqual(86_400_000)
    expect(age).toBeLessThan(86_400_000 + 61_000)
    expect(since.endsWith(':00.000Z')).toBe(true)
  })

  it('as a bulk command has the search, and no order', () => {
    const filter = filterOf(new URLSearchParams('q=abcd&sort=oldest&job=send'))
    expect(bulkFilter(filter)).toEqual({ q: 'abcd', job: 'send' })
  })
})
