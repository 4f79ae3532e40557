import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import { defineIteration } from '../../../src/engine/index.ts'
import { simulate, Simulator, testBench, TestClock } from '../../../src/testing/index.ts'
import { appended, createTables, upTo } from '../../support/drive.ts'
import { appendIteration, appendSteps } from '../../support/jobs.ts'

beforeAll(createTables)

const SPENT = 'D1_ERROR: Too many API requests by single Worker invocation.'

describe('the statements of an invocation', () => {
  it('are counted, those of a batch each, and refused in the words of the platform', async () => {
    const simulator = new Simulator({ statements: 10 })
    const { DB } = simulator.invocation(env).env
    const one = () => DB.prepare('SELECT 1')
    await DB.batch(Array.from({ length: 9 }, one))
    await one().all()
    await expect(one().all()).rejects.toThrow(SPENT)
    await expect(DB.batch([one()])).rejects.toThrow(SPENT)
    await expect(simulator.invocation(env).env.DB.prepare('SELECT 1').all()).resolves.toBeDefined()
  })

  it('refuse a batch for which too few are left, all of it', async () => {
    const { DB } = simulate(env, { statements: 2 }).env
    const insert = (item: number) =>
      DB.prepare('INSERT INTO appended VALUES (?, ?)').bind('refused', item)
    await expect(DB.batch([1, 2, 3].map(insert))).rejects.toThrow(SPENT)
    expect(await appended('refused')).toEqual([])
  })

  it('take no way: the Worker refuses them, and not D1', async () => {
    const clock = new TestClock()
    const { DB } = simulate(env, { statements: 1, d1: 30 }, clock).env
    await DB.prepare('SELECT 1').all()
    const before = clock.now()
    await expect(DB.prepare('SELECT 1').all()).rejects.toThrow(SPENT)
    expect(clock.now()).toBe(before)
  })
})

describe('the connections of an invocation', () => {
  const headed = (clock: TestClock) => {
    const { FILES } = simulate(env, { r2: 20, connections: 6 }, clock).env
    return (calls: number) =>
      Promise.all(Array.from({ length: calls }, () => FILES.head('nothing')))
  }

  it('are six: a seventh call waits until one of them is answered', async () => {
    const clock = new TestClock()
    const head = headed(clock)
    const startedAt = clock.now()
    await head(6)
    expect(clock.now() - startedAt).toBe(20)
    await head(7)
    expect(clock.now() - startedAt).toBe(60)
    await head(18)
    expect(clock.now() - startedAt).toBe(120)
  })

  it('to D1 are six of their own, and calls of Durable Objects need none', async () => {
    const clock = new TestClock()
    const simulated = simulate(env, { d1: 20, r2: 20, object: 20, connections: 6 }, clock).env
    const startedAt = clock.now()
    const six = [1, 2, 3, 4, 5, 6]
    await Promise.all([
      ...six.map(() => simulated.DB.prepare('SELECT 1').all()),
      ...six.map(() => simulated.FILES.head('nothing')),
      ...[...six, ...six].map(() => simulated.RUNS.getByName('0'.repeat(32)).describe()),
    ])
    expect(clock.now() - startedAt).toBe(20)
    await Promise.all([...six, 7].map(() => simulated.DB.prepare('SELECT 1').all()))
    expect(clock.now() - startedAt).toBe(60)
  })

  it('are free again after an error', async () => {
    const { DB } = simulate(env, { connections: 1 }).env
    for (let call = 0; call < 3; call++)
      await expect(DB.prepare('SELECT * FROM nowhere').all()).rejects.toThrow('nowhere')
  })

  it('hold back the seventh fetch until headers are there, not until the body is read', async () => {
    const { promise: asked, resolve: ask } = Promise.withResolvers<void>()
    const answers: ((response: Response) => void)[] = []
    const real = globalThis.fetch
    globalThis.fetch = () => {
      if (answers.length === 5) ask()
      return new Promise((resolve) => answers.push(resolve))
    }
    const simulator = new Simulator({ connections: 6 })
    globalThis.fetch = real
    const all = Array.from({ length: 7 }, () => simulator.fetch('https://partner.example/'))
    await asked
    expect(answers).toHaveLength(6)
    answers[0]?.(new Response(new ReadableStream()))
    await all[0]
    expect(answers).toHaveLength(7)
    for (const answer of answers) answer(new Response())
    await Promise.all(all)
  })
})

describe('the CPU limit of an invocation', () => {
  it('ends it before the call that is one too many, and nothing is answered any more', async () => {
    const { env: simulated, died } = simulate(env, { cpu: { calls: 2 } })
    const insert = (item: number) =>
      simulated.DB.prepare('INSERT INTO appended VALUES (?, ?)').bind('cpu', item).run()
    await insert(1)
    await insert(2)
    const silent = [insert(3), simulated.FILES.head('x'), simulated.RUNS.getByName('x').slices()]
    let answers = 0
    for (const answer of silent) void answer.then(() => (answers += 1))
    await died
    await scheduler.wait(20)
    expect(answers).toBe(0)
    expect(await appended('cpu')).toEqual([1, 2])
  })

  it.each([appendSteps, appendIteration])(
    'ends each slice of $name without a word, at the same place, and its run ends',
    async (job) => {
      const bench = testBench({ simulate: { cpu: { items: 5 } } })
      const run = await bench.runInline(job, { items: 12 })
      expect(run).toMatchObject({ status: 'completed', progress: { done: 12 } })
      const items = await appended(run.id)
      expect(items.filter((item) => item > 0)).toEqual(upTo(12))
      const slices = await bench.objects(run.id).slices()
      const vanished = slices.filter(({ outcome }) => outcome === 'vanished')
      expect(vanished.length).toBeGreaterThan(1)
      expect(slices.at(-1)?.outcome).toBe('ended')
    },
  )
})

it('a run of many items ends, too, by slices of fewer of them, and asks for attention meanwhile', async () => {
  const bench = testBench({ simulate: { cpu: { items: 8 } } })
  const run = await bench.start(appendIteration, { items: 150 })
  let slicesDone = 0
  const { attention } = await bench.drive(run, { until: () => ++slicesDone === 5 })
  expect(attention).toMatch(/^Its slices vanish when they do more than some/)
  expect(await bench.drive(run)).toMatchObject({ status: 'completed', progress: { done: 150 } })
  expect((await appended(run.id)).filter((item) => item > 0)).toEqual(upTo(150))
  const slices = await bench.objects(run.id).slices()
  const vanished = slices.filter(({ outcome }) => outcome === 'vanished').length
  expect(vanished).toBeLessThan(slices.length / 3)
})

it('an item that no invocation can do fails its run, and the error names its place', async () => {
  const bench = testBench({ simulate: { cpu: { calls: 6 } } })
  const heavy = defineIteration({
    name: 'one-heavy-item',
    buildEnumerator: ({ cursor, enumerators }) => enumerators.array(upTo(5), { cursor }),
    async eachIteration(item, { env: own, effects, run }) {
      const calls = item === 3 ? 10 : 0
      for (let call = 0; call < calls; call++) await own.DB.prepare('SELECT 1').run()
      effects.run('INSERT INTO appended VALUES (?, ?)', run.id, item)
    },
  })
  expect(await bench.runInline(heavy)).toMatchObject({
    status: 'failed',
    error: {
      code: 'attempts_exhausted',
      message: expect.stringContaining('the item after cursor 1 is the suspect'),
    },
    progress: { done: 2 },
  })
})

it.each([
  [{ statements: 0 }, "The simulator's statements is 0; expected a whole number from 1"],
  [{ connections: 1.5 }, "The simulator's connections is 1.5; expected a whole number from 1"],
  [{ cpu: { items: -1 } }, "The simulator's cpu.items is -1; expected a whole number from 1"],
])('limits of %o are refused', (settings, message) => {
  expect(() => new Simulator(settings)).toThrow(
    expect.objectContaining({ code: 'invalid_settings', message }),
  )
})
