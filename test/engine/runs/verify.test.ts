import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { api } from '../../../src/api/index.ts'
import {
  check,
  defineIteration,
  defineJob,
  enumerators,
  type Check,
  type VerifyContext,
} from '../../../src/engine/index.ts'
import { Registry } from '../../../src/engine/job/registry.ts'
import type { Verification } from '../../../src/engine/runs/index.ts'
import { API_TOKENS, BASE, noLimit, TOKENS } from '../../support/access.ts'
import { appended, createTables, driving, drain, start, view } from '../../support/drive.ts'
import { append } from '../../support/jobs.ts'

beforeAll(createTables)

const Params = z.object({ items: z.number(), apiKey: z.string().default('none') })
type Verify = (context: VerifyContext<z.infer<typeof Params>>) => Check[] | Promise<Check[]>

/** The number of rows that the job claims to have written. */
const claimed: Verify = async ({ params, run }) => [
  check('Each item appended once', params.items, (await appended(run.id)).length),
]

const inSteps = (verify: Verify | undefined = claimed) =>
  defineJob({
    name: 'claims-steps',
    params: Params,
    sensitive: ['apiKey'],
    async perform({ step, params, effects, run }) {
      await step('append', { start: 1 }, async (each) => {
        while (each.cursor <= params.items) {
          append(effects, run.id, each.cursor)
          await each.advance({ from: each.cursor })
        }
      })
    },
    verify,
  })

const asIteration = (verify: Verify = claimed) =>
  defineIteration({
    name: 'claims-iteration',
    params: Params,
    sensitive: ['apiKey'],
    buildEnumerator: ({ cursor, params }) => enumerators.times(params.items, { cursor }),
    eachIteration: (item, { effects, run }) => append(effects, run.id, item),
    verify,
  })

/** What the API of a Worker that has nothing but this job answers. */
async function verification(run: string, job: ReturnType<typeof inSteps>): Promise<Verification> {
  const response = await api(new Registry([job])).request(
    `${BASE}/api/runs/${run}/verification`,
    { headers: { authorization: `Bearer ${TOKENS.viewer}` } },
    { ...env, API_TOKENS, API_LIMIT: noLimit, LOGIN_LIMIT: noLimit },
  )
  expect(response.status).toBe(200)
  return response.json()
}

const failed = ({ checks }: Verification): Check[] => checks.filter(({ ok }) => !ok)

async function completed(job: ReturnType<typeof inSteps>, apiKey = 'none'): Promise<string> {
  const run = await start(job, { params: { items: 3, apiKey } })
  await drain(run, { jobs: new Registry([job]) })
  return run
}

describe.each([
  ['in steps', inSteps],
  ['as an iteration', asIteration],
])("a job's own checks, %s", (_, define) => {
  it('stand beside those of the ledger', async () => {
    const run = await completed(define())
    const proof = await verification(run, define())
    expect(proof).toMatchObject({ ok: true, run })
    const names = proof.checks.map(({ name }) => name)
    expect(names[0]).toBe('Each item appended once')
    expect(names).toContain('Ledger holds every item of the run')
    expect(names).toContain('Run completed')
  })

  it('find what the ledger cannot know', async () => {
    const run = await completed(define())
    await env.DB.prepare('DELETE FROM appended WHERE run_id = ? AND item = 2').bind(run).run()
    const proof = await verification(run, define())
    expect(proof.ok).toBe(false)
    expect(failed(proof)).toEqual([
      { name: 'Each item appended once', ok: false, expected: 3, actual: 2 },
    ])
  })

  it('get the params as the job has them, and hide in what they show what is sensitive', async () => {
    let seen: unknown
    const job = define(({ params, run, lineage }) => {
      seen = { params, masked: run.params, lineage }
      return [check(`Key ${params.apiKey}`, `key ${params.apiKey}`, { key: params.apiKey })]
    })
    const run = await completed(job, 'sk-98765432')
    const [own] = (await verification(run, job)).checks
    expect(seen).toEqual({
      params: { items: 3, apiKey: 'sk-98765432' },
      masked: { items: 3, apiKey: '[sensitive]' },
      lineage: [run],
    })
    expect(own).toEqual({
      name: 'Key [sensitive]',
      ok: false,
      expected: 'key [sensitive]',
      actual: { key: '[sensitive]' },
    })
  })

  it('that cannot be made are a check that failed, and change nothing', async () => {
    const job = define(({ params }) => {
      throw new Error(`no table for ${params.apiKey}`)
    })
    const run = await completed(job, 'sk-98765432')
    const before = [await view(run), await driving(run), await appended(run)]
    const proof = await verification(run, job)
    expect(proof.ok).toBe(false)
    expect(failed(proof)).toEqual([
      {
        name: "The job's own checks can be made",
        ok: false,
        expected: 'no error',
        actual: 'no table for [sensitive]',
      },
    ])
    expect(proof.checks.length).toBeGreaterThan(4)
    expect([await view(run), await driving(run), await appended(run)]).toEqual(before)
  })
})

describe("a job's own checks", () => {
  it.each([
    ['nothing', undefined],
    ['no array', true],
    ['what is no check', [{ name: 'A', passed: true }]],
    ['promises of checks', [Promise.resolve(check('A', 1, 1))]],
  ])('are refused when verify returns %s', async (_, returned) => {
    const job = inSteps(() => returned as unknown as Check[])
    const [own] = failed(await verification(await completed(job), job))
    expect(own?.actual).toMatch(/^verify returned .*; expected an array of what check\(/)
  })

  it('may count in big integers', async () => {
    const job = inSteps(() => [check('Same', 5n, 5n), check('Other', 5n, 6n)])
    const { checks } = await verification(await completed(job), job)
    expect(checks.slice(0, 2)).toEqual([
      { name: 'Same', ok: true, expected: '5', actual: '5' },
      { name: 'Other', ok: false, expected: '5', actual: '6' },
    ])
  })

  it('are not made of params that code of today does not take', async () => {
    const job = inSteps()
    const run = await completed(job)
    const stricter = { ...job, schema: Params.extend({ region: z.string() }) }
    const [own] = failed(await verification(run, stricter))
    expect(own).toMatchObject({ name: "The job's own checks can be made" })
    expect(own?.actual).toContain('region')
  })

  it('are not asked for of a job that this Worker has no more', async () => {
    const run = await completed(inSteps(() => [check('Never', 1, 2)]))
    expect(await verification(run, asIteration())).toMatchObject({ ok: true })
  })

  it('must be a function', () => {
    const define = () => inSteps('yes' as unknown as Verify)
    expect(define).toThrow(expect.objectContaining({ code: 'invalid_job' }))
    expect(define).toThrow('verify is "yes"; expected a function')
  })
})
