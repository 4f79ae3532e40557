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
  changedParams,
  paramsProblem,
  paramsText,
} from '../../src/dashboard/forms/changed-params.ts'
import { commandLine } from '../../src/dashboard/forms/command-line.ts'
import { hintOf } from '../../src/dashboard/forms/param-hint.ts'
import { prefillFrom } from '../../src/dashboard/forms/prefill.ts'
import {
  fieldKind,
  fieldProblems,
  fieldText,
  isSensitive,
  startOptions,
} from '../../src/dashboard/forms/start-form.ts'
import type { Run } from '../../src/client/index.ts'

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
      lanes: '8',
      wait: '5 minutes',
      labels: 'a:1, b:x:y',
      hold: 'on',
    }
    expect(startOptions({ ...job, params: null }, form(typed))).toEqual({
      params: {},
      interrupt: { afterMs: 1_500, at: 'mail:5' },
      commit: { everyItems: 10 },
      lanes: 8,
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
      `npx dogear run send --param 'key=…' --param 'to=it'\\''s' --param count=3 --hold`,
    )
  })

  it('shows all of a start in the command: what is typed there starts the same run', () => {
    const options = {
      params: { to: '12', smtp: { host: 'h' } },
      labels: { campaign: 'spring sale' },
      wait: '5 minutes',
      commit: { everyItems: 1, everyMs: 200 },
      lanes: 4,
      interrupt: { afterMs: 1_500 },
    }
    const beside = { idempotencyKey: 'of 24 December', url: 'https://shop.example/dogear' }
    expect(commandLine({ ...job, sensitive: [] }, options, beside)).toBe(
      [
        'npx dogear run send',
        `--param 'to="12"'`,
        `--param 'smtp={"host":"h"}'`,
        `--label 'campaign:spring sale'`,
        `--delay '5 minutes'`,
        '--interrupt-after 1.5s',
        '--lanes 4 --commit-every 1',
        '--commit-every-ms 200',
        `--idempotency-key 'of 24 December'`,
        '--url https://shop.example/dogear',
      ].join(' '),
    )
  })

  it('has a field of the kind that a param needs', () => {
    const kinds = (
      [
        [{ type: 'boolean' }, ''],
        [{ type: 'string', enum: ['a'] }, ''],
        [{ type: 'integer' }, ''],
        [{ type: 'string' }, ''],
        [{ type: 'string' }, 'two\nlines'],
        [{ type: 'string', maxLength: 60_000 }, ''],
        [{ type: 'object' }, ''],
        [{ type: 'array' }, ''],
        [{}, ''],
        [{ type: 'string', format: 'date' }, ''],
        [{ type: 'string', format: 'date-time' }, '2026-12-01T03:00:00.000Z'],
        [{ type: 'string', format: 'date-time' }, '2026-12-01T03:00:00+02:00'],
      ] as const
    ).map(([schema, initial]) => fieldKind(schema as never, initial))
    expect(kinds).toEqual('tick choice line line area area area area area day time line'.split(' '))
  })

  it('sends the time of a field without a zone as the UTC that it says, and a whole one as it is', () => {
    const timed = {
      ...job,
      params: { properties: { at: { type: 'string', format: 'date-time' } } },
    }
    const at = (text: string) => startOptions(timed, form({ 'param:at': text })).params?.['at']
    expect(at('2026-12-01T03:00')).toBe('2026-12-01T03:00Z')
    expect(at('2026-12-01T03:00:00+02:00')).toBe('2026-12-01T03:00:00+02:00')
  })

  it('takes all params as JSON where the validator does not say what it takes', () => {
    const any = { ...job, params: null }
    expect(startOptions(any, form({ params: '{"a": [1]}' })).params).toEqual({ a: [1] })
    expect(startOptions(any, form({ params: '' })).params).toEqual({})
    expect(startOptions(any, form({ params: '[1]' })).params).toEqual({ params: [1] })
  })

  it('says the bounds of a param', () => {
    expect(hintOf({ type: 'integer', minimum: 1, maximum: 500 })).toBe(
      'integer, at least 1, at most 500',
    )
    expect(hintOf({ description: 'How many', exclusiveMinimum: 0, maximum: 2 ** 53 - 1 })).toBe(
      'How many (more than 0)',
    )
    expect(hintOf({})).toBeUndefined()
  })
})

describe('The form that starts a run once more', () => {
  const run = {
    params: {
      key: '[sensitive]',
      to: 'ann',
      count: 3,
      smtp: { host: 'h', password: '[sensitive]' },
    },
    labels: { campaign: 'spring', owner: '[sensitive]' },
    commit: { everyItems: 7 },
  } as unknown as Run

  it('begins with what the run had, and asks again for what nobody is shown', () => {
    expect(prefillFrom(job, run)).toEqual({
      params: { to: 'ann', count: 3 },
      labels: { campaign: 'spring' },
      commit: { everyItems: 7 },
      askedAgain: ['key', 'smtp'],
    })
    expect(fieldText({ a: 1 })).toBe('{\n  "a": 1\n}')
    expect([fieldText('a'), fieldText(3), fieldText(undefined)]).toEqual(['a', '3', ''])
  })

  it('sends of edited params those that differ', () => {
    const text = paramsText(run.params).replace('"ann"', '"bob"')
    expect(changedParams(run.params, text)).toEqual({ to: 'bob' })
    expect(changedParams(run.params, paramsText(run.params))).toBeUndefined()
    expect(paramsProblem(text)).toBeUndefined()
    for (const bad of ['{oops', '[1]', '"a"', '{"a": 9007199254740993}'])
      expect(paramsProblem(bad)).toMatch(/./)
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
