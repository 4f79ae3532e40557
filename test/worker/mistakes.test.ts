import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { defineIteration, defineJob, DogearError } from '../../src/engine/index.ts'
import { createDogear } from '../../src/worker/index.ts'
import { createTables } from '../support/drive.ts'
import { appendSteps } from '../support/jobs.ts'

beforeAll(createTables)

const NAMES = { runs: 'RUNS', queue: 'QUEUE', version: 'VERSION' } as const
const remind = defineIteration({
  name: 'remind',
  params: z.object({ before: z.iso.date(), mailer: z.url() }),
  buildEnumerator: ({ cursor, enumerators }) => enumerators.times(1, { cursor }),
  eachIteration: () => undefined,
})
const dogear = createDogear({ jobs: [appendSteps, remind], ...NAMES })

/** Bindings with some of them missing, or another in their place. */
const lacking = (names: object): Cloudflare.Env => ({ ...env, ...names })

/** What a start says: its code and its words. */
async function refusal(start: () => Promise<unknown>): Promise<{ code: string; message: string }> {
  const error = await start().then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof DogearError)) throw new Error('expected a DogearError', { cause: error })
  return { code: error.code, message: error.message }
}

describe('A mistake in the wiring is one sentence at the start of a run, which is not taken on', () => {
  it.each([
    ['DB', 'looked for a D1 database at env.DB and found none', 'npx dogear init'],
    ['RUNS', 'looked for a Durable Object namespace at env.RUNS', 'npx dogear init'],
  ])('%s is not bound', async (name, found, todo) => {
    const { code, message } = await refusal(() =>
      dogear.start(lacking({ [name]: undefined }), appendSteps),
    )
    expect(code).toBe('missing_binding')
    expect(message).toContain(found)
    expect(message).toContain(todo)
  })

  it('a binding is of another kind, and what there is of the right one is named', async () => {
    const { message } = await refusal(() =>
      dogear.start(lacking({ DB: env.QUEUE, BILLING_DB: env.DB }), appendSteps),
    )
    expect(message).toContain('the Worker has BILLING_DB of that kind')
    expect(message).toContain("createDogear({ db: 'NAME' })")
  })

  it('the job is not in createDogear', async () => {
    const other = defineJob({ name: 'forgotten', perform: async () => undefined })
    expect(await refusal(() => dogear.start(env, other))).toEqual({
      code: 'unknown_job',
      message: expect.stringContaining('expected it in createDogear({ jobs: [...] })'),
    })
  })
})

describe('A mistake in a call is one error with a stable code', () => {
  it('params that do not fit are named one by one', async () => {
    const { code, message } = await refusal(() =>
      dogear.start(env, remind, { params: { before: 'tomorrow' } }),
    )
    expect(code).toBe('invalid_params')
    expect(message).toContain('before')
    expect(message).toContain('mailer')
  })

  it('a key that is in use with other params', async () => {
    const idempotencyKey = 'twice'
    const first = await dogear.start(env, appendSteps, { params: { items: 1 }, idempotencyKey })
    const same = await dogear.start(env, appendSteps, { params: { items: 1 }, idempotencyKey })
    expect(same.id).toBe(first.id)
    expect(await dogear.get(env, first.id)).toMatchObject({ id: first.id, job: 'append-steps' })
    expect(
      await refusal(() => dogear.start(env, appendSteps, { params: { items: 2 }, idempotencyKey })),
    ).toEqual({
      code: 'idempotency_conflict',
      message: expect.stringContaining("idempotency key 'twice'"),
    })
  })
})

describe('A mistake in createDogear keeps the Worker from starting', () => {
  it.each([
    [{ jobs: [remind, remind] }, "Two jobs are named 'remind'"],
    [
      { jobs: [remind], path: 'jobs' },
      "createDogear got the path 'jobs'; expected one like '/dogear'",
    ],
    [{ jobs: [remind], path: '/jobs?x' }, "got the path '/jobs?x'"],
    [{ jobs: [remind], path: '/api' }, "has a '/api' of its own below its path"],
  ])('%j', (options, message) => {
    expect(() => createDogear(options)).toThrow(message)
  })
})
