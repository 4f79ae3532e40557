import { runInDurableObject } from 'cloudflare:test'
import { createExecutionContext, waitOnExecutionContext } from 'cloudflare:test'
import { DurableObject, env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { clockOf, systemClock } from '../../../src/engine/clock.ts'
import { parseSettings, simulatedObject, simulatedWorker } from '../../../src/testing/index.ts'

type Env = Cloudflare.Env & { SIMULATE?: string }

const incoming = new Request('http://worker.example/') as Request<
  unknown,
  IncomingRequestCfProperties
>

/** A Worker that asks D1 so many times, and the environment it was given last. */
function asking(calls: number) {
  const seen: Env[] = []
  const ask = async (given: Env) => {
    seen.push(given)
    for (let call = 0; call < calls; call++) await given.DB.prepare('SELECT 1').all()
  }
  const worker = simulatedWorker<Env, unknown>({
    async fetch(_request, given) {
      await ask(given)
      return new Response('asked')
    },
    queue: (_batch, given) => ask(given),
    scheduled: (_event, given) => ask(given),
  })
  return { worker, seen }
}

async function answers(calls: number, SIMULATE: string): Promise<string> {
  const ctx = createExecutionContext()
  const response = await asking(calls).worker.fetch?.(incoming, { ...env, SIMULATE }, ctx)
  await waitOnExecutionContext(ctx)
  return response?.text() ?? ''
}

describe('a Worker with the variable SIMULATE', () => {
  it.each(['fetch', 'queue', 'scheduled'] as const)('is some way off in %s', async (handler) => {
    const { worker, seen } = asking(1)
    const startedAt = performance.now()
    const given: Env = { ...env, SIMULATE: 'd1=80,frozen' }
    await worker[handler]?.(incoming as never, given, createExecutionContext())
    expect(performance.now() - startedAt).toBeGreaterThan(75)
    expect(clockOf(seen[0] as Env)).not.toBe(systemClock)
  })

  it('has limits in each invocation', async () => {
    expect(await answers(2, 'statements=2')).toBe('asked')
    await expect(answers(3, 'statements=2')).rejects.toThrow('Too many API requests')
    expect(await answers(2, 'statements=2')).toBe('asked')
  })

  it('is ended by its CPU limit, as its caller hears', async () => {
    expect(await answers(2, 'calls=2')).toBe('asked')
    await expect(answers(3, 'calls=2')).rejects.toThrow('Worker exceeded CPU time limit.')
  })

  it('refuses what cannot be simulated', async () => {
    await expect(answers(1, 'd1=far')).rejects.toThrow(
      "The simulator's d1 is 'far'; expected a number",
    )
  })

  it('without it, is given the very bindings, and the clock of the machine', async () => {
    const { worker, seen } = asking(0)
    await worker.fetch?.(incoming, env, createExecutionContext())
    expect(seen[0]).toBe(env)
    expect(clockOf(env)).toBe(systemClock)
  })

  it('handles nothing that it did not handle', () => {
    expect(Object.keys(simulatedWorker({}))).toEqual([])
  })
})

describe('a Durable Object of such a Worker', () => {
  class Asking extends DurableObject<Env> {
    get bindings(): Env {
      return this.env
    }
  }
  const made = (given: Env) =>
    runInDurableObject(
      env.RUNS.getByName('distant'),
      (_object, state) => new (simulatedObject(Asking))(state, given).bindings,
    )

  it('is some way off, too', async () => {
    const { DB } = await made({ ...env, SIMULATE: 'd1=80' })
    const startedAt = performance.now()
    await DB.prepare('SELECT 1').all()
    expect(performance.now() - startedAt).toBeGreaterThan(75)
  })

  it('without the variable is given the very bindings', async () => {
    expect(await made(env)).toBe(env)
  })
})

describe('settings as text', () => {
  it('are read', () => {
    expect(
      parseSettings('d1=30, object=10,r2=20,queue=100,jitter=0.2,seed=7,frozen,statements=1000'),
    ).toEqual({
      d1: 30,
      object: 10,
      r2: 20,
      queue: 100,
      jitter: 0.2,
      seed: 7,
      frozen: true,
      statements: 1_000,
    })
    expect(parseSettings('connections=6,calls=40')).toEqual({ connections: 6, cpu: { calls: 40 } })
  })

  it.each([
    ['', "setting is ''; expected frozen, or one of d1, object, r2, queue, jitter, seed,"],
    ['d2=30', "setting is 'd2=30'; expected frozen, or one of"],
    ['d1', "setting is 'd1'; expected frozen, or one of"],
    ['frozen=yes', "setting is 'frozen=yes'; expected frozen, or one of"],
    ['toString=1', "setting is 'toString=1'; expected"],
    ['d1=', "d1 is ''; expected a number"],
    ['d1=30ms', "d1 is '30ms'; expected a number"],
    ['d1=-1', 'd1 is -1; expected milliseconds from 0 to 60000'],
    ['calls=0', 'cpu.calls is 0; expected a whole number from 1'],
  ])('%j is refused', (text, message) => {
    expect(() => parseSettings(text)).toThrow(
      expect.objectContaining({
        code: 'invalid_settings',
        message: expect.stringContaining(`The simulator's ${message}`) as string,
      }),
    )
  })
})
