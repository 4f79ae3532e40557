import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { simulate, Simulator, TestClock } from '../../../src/testing/index.ts'

/** How long `work` takes by a clock that only the simulator moves. */
async function lasts(clock: TestClock, work: () => Promise<unknown>): Promise<number> {
  const before = clock.now()
  await work()
  return clock.now() - before
}

describe('a simulated distance', () => {
  it('makes each call to D1 a round trip, a batch one too', async () => {
    const clock = new TestClock()
    const { DB } = simulate(env, { d1: 30 }, clock).env
    const one = () => DB.prepare('SELECT 1 AS one')
    expect(await lasts(clock, () => one().first('one'))).toBe(30)
    expect(await lasts(clock, () => DB.batch([one(), one(), one()]))).toBe(30)
    expect(await lasts(clock, () => DB.withSession().prepare('SELECT 1').all())).toBe(30)
    expect(await lasts(clock, () => DB.exec('SELECT 1'))).toBe(30)
  })

  it('lets calls that are under way together take the time of one', async () => {
    const clock = new TestClock()
    const { DB } = simulate(env, { d1: 30 }, clock).env
    const calls = () => Promise.all([1, 2, 3].map(() => DB.prepare('SELECT 1').all()))
    expect(await lasts(clock, calls)).toBe(30)
  })

  it('passes half of it before the call happens, and half of it after', async () => {
    const clock = new TestClock()
    const times: number[] = []
    const startedAt = clock.now()
    const note = async () => void times.push(clock.now() - startedAt)
    const noting = { head: note, createMultipartUpload: note }
    await simulate({ FILES: noting }, { r2: 40 }, clock).env.FILES.head()
    await note()
    expect(times).toEqual([20, 40])
  })

  it('delays the answer of a call that fails', async () => {
    const clock = new TestClock()
    const { DB } = simulate(env, { d1: 30 }, clock).env
    const failing = () =>
      DB.prepare('SELECT * FROM nowhere')
        .all()
        .catch(() => undefined)
    expect(await lasts(clock, failing)).toBe(30)
  })

  it('makes each call to a Durable Object a round trip, and making its stub none', async () => {
    const clock = new TestClock()
    const { RUNS } = simulate(env, { object: 10 }, clock).env
    expect(await lasts(clock, async () => RUNS.getByName('a'))).toBe(0)
    const stub = RUNS.getByName('0'.repeat(32))
    expect(await lasts(clock, () => stub.describe())).toBe(10)
    expect(await lasts(clock, () => stub.fetch('http://run/'))).toBe(10)
    expect(await lasts(clock, () => RUNS.get(RUNS.idFromName('b')).slices())).toBe(10)
  })

  it('makes each call to R2 a round trip, those of a multipart upload too', async () => {
    const clock = new TestClock()
    const { FILES } = simulate(env, { r2: 20 }, clock).env
    expect(await lasts(clock, () => FILES.put('near', 'text'))).toBe(20)
    expect(await lasts(clock, async () => (await FILES.get('near'))?.text())).toBe(20)
    const upload = await FILES.createMultipartUpload('parts')
    expect(await lasts(clock, () => upload.uploadPart(1, 'part'))).toBe(20)
    const resumed = FILES.resumeMultipartUpload('parts', upload.uploadId)
    expect(await lasts(clock, () => resumed.abort())).toBe(20)
  })

  it('takes a message at once, and delivers it later', async () => {
    const clock = new TestClock()
    const delivered: unknown[] = []
    const QUEUE = {
      send: async (body: unknown) => void delivered.push([body, clock.now() - startedAt]),
      sendBatch: async () => undefined,
    }
    const alive: Promise<unknown>[] = []
    const invocation = new Simulator({ queue: 100 }, clock).invocation({ QUEUE }, (work) =>
      alive.push(work),
    )
    const startedAt = clock.now()
    await invocation.env.QUEUE.send('due')
    expect(delivered).toEqual([])
    expect(clock.now()).toBe(startedAt)
    await Promise.all(alive)
    expect(delivered).toEqual([['due', 100]])
  })

  it('leaves alone what is not named: variables, and bindings of other kinds', () => {
    const simulated = simulate(env, { d1: 30 }).env
    expect(simulated.SLICE_WALL_MS).toBe(env.SLICE_WALL_MS)
    expect(simulated.API_LIMIT).toBe(env.API_LIMIT)
    expect(simulated.WARM_MODULES).toBe(env.WARM_MODULES)
    expect(Object.keys(simulated)).toEqual(Object.keys(env))
  })

  it('passes by the machine, too', async () => {
    const { DB } = simulate(env, { d1: 60 }).env
    const startedAt = performance.now()
    await DB.prepare('SELECT 1').all()
    expect(performance.now() - startedAt).toBeGreaterThan(55)
  })
})

describe('jitter', () => {
  const ways = async (seed: number): Promise<number[]> => {
    const clock = new TestClock()
    const { DB } = simulate(env, { d1: 100, jitter: 0.2, seed }, clock).env
    const all: number[] = []
    for (let call = 0; call < 20; call++)
      all.push(await lasts(clock, () => DB.prepare('SELECT 1').all()))
    return all
  }

  it('is the same for the same seed, and another one for another', async () => {
    const first = await ways(1)
    expect(await ways(1)).toEqual(first)
    expect(await ways(2)).not.toEqual(first)
  })

  it('stays within its part of the way, to both sides', async () => {
    const all = await ways(3)
    expect(Math.min(...all)).toBeGreaterThanOrEqual(80)
    expect(Math.max(...all)).toBeLessThanOrEqual(120)
    expect(Math.min(...all)).toBeLessThan(98)
    expect(Math.max(...all)).toBeGreaterThan(102)
  })
})

describe('settings', () => {
  it.each([
    [{ d1: -1 }, "The simulator's d1 is -1; expected milliseconds from 0 to 60000"],
    [{ object: NaN }, "The simulator's object is NaN; expected milliseconds from 0 to 60000"],
    [{ jitter: 2 }, "The simulator's jitter is 2; expected a part from 0 to 1"],
    [{ seed: 0.5 }, "The simulator's seed is 0.5; expected a whole number"],
  ])('%o are refused', (settings, message) => {
    expect(() => new Simulator(settings)).toThrow(
      expect.objectContaining({ code: 'invalid_settings', message }),
    )
  })
})
