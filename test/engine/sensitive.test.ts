import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { defineJob } from '../../src/engine/index.ts'
import { isSensitive, MASK, maskParams, redactor } from '../../src/engine/sensitive.ts'

describe('sensitive params', () => {
  it('are masked at top level, along a dotted path, and in each item of an array', () => {
    const params = {
      apiKey: 'k',
      smtp: { host: 'h', password: { old: 1 } },
      accounts: [{ token: 'a' }, { name: 'n' }, 5],
      kept: null,
    }
    expect(maskParams(params, ['apiKey', 'smtp.password', 'accounts.token', 'none.such'])).toEqual({
      apiKey: MASK,
      smtp: { host: 'h', password: MASK },
      accounts: [{ token: MASK }, { name: 'n' }, 5],
      kept: null,
    })
    expect(params.apiKey).toBe('k')
  })

  it('are masked within texts, the longest first, in values at any depth', () => {
    const redact = redactor({ a: 'hunter2', b: ['hunter2-long', 12_345] }, ['a', 'b'])
    expect(
      redact({ message: 'no hunter2-long', cause: [{ stack: 'at hunter2, 12345' }], n: 7 }),
    ).toEqual({ message: `no ${MASK}`, cause: [{ stack: `at ${MASK}, ${MASK}` }], n: 7 })
  })

  it('are not sought in texts when they are so short that they occur by chance', () => {
    expect(redactor({ a: 'abc' }, ['a'])('abc is part of the alphabet')).toContain('abc')
  })

  it.each([
    [['apiKey'], true],
    [['smtp', 'password', 'old'], true],
    [['accounts', '0', 'token'], true],
    [['apiKeys'], false],
    [['smtp'], false],
    [[], false],
  ])('an issue at %j is about one: %j', (path, expected) => {
    expect(isSensitive(path, ['apiKey', 'smtp.password', 'accounts.token'])).toBe(expected)
  })

  const params = z.object({
    apiKey: z.string().optional(),
    smtp: z.object({ password: z.string() }).optional(),
    accounts: z.array(z.object({ token: z.string() })),
    extra: z.record(z.string(), z.string()),
    either: z.union([z.object({ pin: z.string() }), z.null()]),
  })
  const define = (sensitive: unknown, schema: z.ZodType | undefined = params) =>
    defineJob({
      name: 'secretive',
      ...(schema && { params: schema }),
      sensitive: sensitive as string[],
      async perform() {},
    })

  it.each([[['apiKey', 'smtp.password', 'accounts.token', 'extra.any', 'either.pin']], [[]]])(
    'a job may name %j',
    (sensitive) => {
      expect(define(sensitive).sensitive).toEqual(sensitive)
    },
  )

  it('a job whose validator cannot tell what it takes may name anything', () => {
    const schema = z.object({ when: z.date() })
    expect(define(['whenever'], schema).sensitive).toEqual(['whenever'])
  })

  it.each([
    [['apikey'], "'apikey', which is no param"],
    [['smtp.pasword'], "'smtp.pasword', which is no param"],
    [['accounts.key'], "'accounts.key', which is no param"],
    [[''], 'not a list of paths'],
    [['smtp.'], 'not a list of paths'],
    [[7], 'not a list of paths'],
    ['apiKey', 'not a list of paths'],
  ])('a job that names %j is refused when it is defined', (sensitive, problem) => {
    expect(() => define(sensitive)).toThrow(problem)
  })

  it('a job without params has none that are sensitive', () => {
    const job = () => defineJob({ name: 'bare', sensitive: ['apiKey'], async perform() {} })
    expect(job).toThrow('the job takes none')
  })
})
