import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { defineIteration, defineJob } from '../../../src/engine/index.ts'
import { MASK } from '../../../src/engine/sensitive.ts'
import { call } from '../../support/api.ts'
import { createTables } from '../../support/drive.ts'
import { forked, redrive, RunOf, runOf } from '../../support/run-of.ts'

beforeAll(createTables)

const SECRET = 'sk_live_"0123456789"_ABCDEFGHIJKLMNOP'
const PART = /sk_live_|0123456789|ABCDEFGHIJ/

/** All that is shown and told of a run. */
async function shown({ id, events }: RunOf): Promise<string> {
  const routes = ['', '/skips', '/slices', '/checkpoint', '/ledger', '/verification']
  const answers = await Promise.all(routes.map((route) => call('GET', `/api/runs/${id}${route}`)))
  const list = await call('GET', '/api/runs?limit=100')
  const { results } = await env.DB.prepare('SELECT error FROM dogear_runs WHERE id = ?')
    .bind(id)
    .all()
  return JSON.stringify([answers, list, events, results])
}

const keyed = defineJob({
  name: 'keyed-steps',
  params: z.object({ apiKey: z.string(), fails: z.boolean().default(false) }),
  sensitive: ['apiKey'],
  retry: { attempts: 1 },
  async perform({ step, params: { apiKey, fails } }) {
    const token = await step('login', () => `token of ${apiKey}`)
    await step('work', async (work) => {
      if (work.cursor === null) await work.set({ [apiKey]: `after ${apiKey}` })
      await work.checkpoint()
      if (fails) throw new Error(`no: ${token}`)
    })
    return { token }
  },
})

describe('S1 a fork with another secret', () => {
  it('hides that of the run it goes on from, and so does a fork of the fork', async () => {
    const run = await runOf(keyed, { params: { apiKey: SECRET, fails: true } })
    await run.drain()
    const { json } = await call('GET', `/api/runs/${run.id}/ledger`)
    const seqs = (json['commits'] as { seq: number }[]).map(({ seq }) => seq)
    expect(seqs.length).toBeGreaterThanOrEqual(2)
    for (const seq of seqs) {
      const fork = await forked(keyed, run, { seq, params: { apiKey: 'another-key' } })
      expect(await shown(fork)).not.toMatch(PART)
      expect(await fork.drain()).toMatchObject({ status: 'failed', params: { apiKey: MASK } })
      expect(await shown(fork)).not.toMatch(PART)
      const second = await forked(keyed, fork, {
        seq,
        params: { apiKey: 'third-key', fails: false },
      })
      expect(await second.drain()).toMatchObject({ status: 'completed' })
      expect(await shown(second)).not.toMatch(/sk_live_|0123456789|another-key|third-key/)
    }
  })

  it('hides it also when it restarts from a step', async () => {
    const run = await runOf(keyed, { params: { apiKey: SECRET } })
    await run.drain()
    const params = { apiKey: 'another-key', fails: true }
    const restarted = await forked(keyed, run, { step: 'work', params })
    expect(await restarted.drain()).toMatchObject({
      status: 'failed',
      error: { message: `no: token of ${MASK}` },
    })
    expect(await shown(restarted)).not.toMatch(PART)
  })
})

it('S1 a run that was handed the secret hides it too, and no other run', async () => {
  const child = defineJob({
    name: 'keyed-child',
    params: z.object({ token: z.string() }),
    retry: { attempts: 1 },
    async perform({ step, params }) {
      await step('work', () => {
        throw new Error(`no: ${params.token}`)
      })
    },
  })
  const parent = defineJob({
    name: 'keyed-parent',
    params: z.object({ apiKey: z.string() }),
    sensitive: ['apiKey'],
    async perform() {},
    continuations({ enqueue, params: { apiKey } }) {
      enqueue(child, { token: `Bearer ${apiKey}` })
      enqueue(child, { token: 'another token' })
    },
  })
  const run = await runOf(parent, { params: { apiKey: SECRET } }, [child])
  const { children } = await run.drain()
  const [handed, other] = children.map((id) => new RunOf(id, run.jobs)) as [RunOf, RunOf]
  expect(await handed.drain()).toMatchObject({
    params: { token: `Bearer ${MASK}` },
    error: { message: `no: Bearer ${MASK}` },
  })
  expect(await shown(handed)).not.toMatch(PART)
  expect(await other.drain()).toMatchObject({ params: { token: 'another token' } })
  const stored = await env.DB.prepare('SELECT options FROM dogear_runs WHERE id = ?')
    .bind(other.id)
    .first()
  expect(JSON.stringify(stored)).not.toMatch(PART)
})

it('S1 a re-drive hides what its run hides, whatever its job says by then', async () => {
  const skipping = (sensitive: readonly 'apiKey'[]) =>
    defineIteration({
      name: 'keyed-skips',
      params: z.object({ apiKey: z.string() }),
      sensitive,
      skip: {},
      buildEnumerator: ({ cursor, enumerators }) => enumerators.array([1, 2, 3], { cursor }),
      eachIteration(item, { params }) {
        if (item === 2) throw new Error(`refused ${params.apiKey}`)
      },
    })
  const run = await runOf(skipping(['apiKey']), { params: { apiKey: SECRET } })
  await run.drain()
  const { child } = await redrive(skipping([]), run)
  expect(await child.drain()).toMatchObject({
    params: { apiKey: MASK },
    progress: { skipped: 1 },
  })
  expect(await shown(child)).not.toMatch(PART)
})
