import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import { consume, workerDeps } from '../../../src/engine/slice/consumer.ts'
import {
  defineIteration,
  defineJob,
  discardOn,
  retryOn,
  type ErrorRule,
  type Job,
} from '../../../src/engine/index.ts'
import { Registry } from '../../../src/engine/job/registry.ts'
import { appended, createTables, driving, start, view } from '../../support/drive.ts'
import { append } from '../../support/jobs.ts'
import { runOf, type RunOf } from '../../support/run-of.ts'

beforeAll(createTables)

/** Throws itself at whoever looks at it. */
function spiky(): unknown {
  const refuse = (): never => {
    throw spike
  }
  const spike: unknown = new Proxy(() => undefined, {
    getPrototypeOf: refuse,
    get: refuse,
    has: refuse,
    ownKeys: refuse,
    getOwnPropertyDescriptor: refuse,
  })
  return spike
}

const real = (): never => {
  throw new Error('the real problem')
}

/** Slices until the run has ended; each must give its lease back. */
async function slices(run: RunOf, most = 8) {
  for (let slice = 0; slice < most && !(await run.view()).finishedAt; slice++) {
    await run.slice()
    expect((await driving(run.id)).lease).toBeNull()
  }
  return run.view()
}

const twoAttempts = { attempts: 2, waitMs: 1 }

describe('F06 a rule that throws loses neither the slice nor the error', () => {
  // Written for the errors of one library, met by another's.
  const of503 = (error: Error) =>
    (error as unknown as { response: { status: number } }).response.status === 503

  it.each<[string, () => ErrorRule]>([
    ['retryOn', () => retryOn(of503)],
    ['discardOn', () => discardOn(of503)],
    ['a wait that is NaN', () => retryOn(Error, { attempts: 2, wait: () => Number(undefined) })],
    ['a wait that throws', () => retryOn(Error, { attempts: 2, wait: real })],
    [
      'a test that throws what throws itself',
      () =>
        discardOn(() => {
          throw spiky()
        }),
    ],
  ])('%s', async (_what, rule) => {
    const run = await runOf(
      defineIteration({
        name: 'bad-rule',
        errors: [rule()],
        retry: twoAttempts,
        buildEnumerator: ({ cursor, enumerators }) => enumerators.times(3, { cursor }),
        eachIteration: (item) => (item === 1 ? real() : undefined),
      }),
    )
    expect(await slices(run)).toMatchObject({
      status: 'failed',
      error: { message: 'the real problem' },
    })
  })

  it.each<[string, () => ErrorRule]>([
    ['discardOn', () => discardOn((async () => false) as never)],
    ['discardOn that fails', () => discardOn((async () => real()) as never)],
    ['a wait', () => retryOn(Error, { attempts: 2, wait: (async () => real()) as never })],
  ])('one that answers with a promise matches nothing: %s', async (_what, rule) => {
    const run = await runOf(
      defineJob({
        name: 'late-rule',
        errors: [rule()],
        retry: twoAttempts,
        perform: ({ step }) => step('x', real),
      }),
    )
    expect(await slices(run)).toMatchObject({
      status: 'failed',
      error: { message: 'the real problem' },
    })
  })

  it('a later rule is asked when an earlier one throws', async () => {
    const run = await runOf(
      defineJob({
        name: 'second-rule',
        errors: [retryOn(of503), discardOn(Error)],
        perform: ({ step }) => step('x', real),
      }),
    )
    expect(await slices(run)).toMatchObject({ status: 'cancelled' })
  })

  it('skip.on that throws skips nothing', async () => {
    const run = await runOf(
      defineIteration({
        name: 'bad-skip',
        skip: { on: of503 },
        retry: twoAttempts,
        buildEnumerator: ({ cursor, enumerators }) => enumerators.times(3, { cursor }),
        eachIteration: (item) => (item === 1 ? real() : undefined),
      }),
    )
    expect(await slices(run)).toMatchObject({
      status: 'failed',
      error: { message: 'the real problem' },
      progress: { skipped: 0 },
    })
  })
})

describe('user code that throws anything, anywhere', () => {
  const thrower = (thrown: unknown) => () => {
    throw thrown
  }
  const iteration = (parts: object): Job =>
    defineIteration({
      name: 'hostile-part',
      retry: twoAttempts,
      buildEnumerator: ({ cursor, enumerators }) => enumerators.times(2, { cursor }),
      eachIteration: () => undefined,
      ...parts,
    })
  const schema = (validate: () => never) => ({ '~standard': { version: 1, vendor: 'x', validate } })

  it.each<[string, (boom: () => never) => Job]>([
    ['buildEnumerator', (boom) => iteration({ buildEnumerator: boom })],
    ['eachIteration', (boom) => iteration({ eachIteration: boom })],
    ['aroundIterate', (boom) => iteration({ aroundIterate: boom })],
    ['onStart', (boom) => iteration({ onStart: boom })],
    ['onShutdown', (boom) => iteration({ onShutdown: boom })],
    ['onComplete', (boom) => iteration({ onComplete: boom })],
    ['an attributes schema', (boom) => iteration({ attributes: schema(boom) })],
    [
      'a thenable',
      (boom) =>
        defineJob({
          name: 'hostile-thenable',
          retry: twoAttempts,
          // eslint-disable-next-line unicorn/no-thenable -- what a library gives may be one
          perform: ({ step }) => step('x', () => ({ then: boom }) as never),
        }),
    ],
  ])('%s: the run fails with it, after its attempts', async (_what, job) => {
    const said = await runOf(job(real))
    expect(await slices(said)).toMatchObject({
      status: 'failed',
      error: { message: expect.stringContaining('the real problem') },
    })
    const mute = await runOf(job(thrower(spiky())))
    expect(await slices(mute)).toMatchObject({
      status: 'failed',
      error: { message: expect.stringContaining('throws when it is looked at') },
    })
  })

  it('a step that throws what nobody can look at says so, and not what happened then', async () => {
    const { proxy, revoke } = Proxy.revocable({}, {})
    revoke()
    for (const nested of [false, true]) {
      const job = defineJob({
        name: 'revoked',
        retry: twoAttempts,
        perform: ({ step }) =>
          step('x', (step) => (nested ? step.step('y', thrower(proxy)) : thrower(proxy)())),
      })
      expect((await slices(await runOf(job))).error?.message).toContain(
        'throws when it is looked at',
      )
    }
  })

  it('continuations: the run is completed, and says that nothing follows', async () => {
    const run = await runOf(iteration({ continuations: thrower(spiky()) }))
    expect(await slices(run)).toMatchObject({
      status: 'completed',
      attention: expect.stringContaining('throws when it is looked at'),
    })
  })

  it('onCancel: the run is cancelled all the same', async () => {
    const run = await runOf(iteration({ onCancel: thrower(spiky()) }))
    await workerDeps(env, run.jobs).objects(run.id).command('cancel', {})
    expect(await slices(run)).toMatchObject({ status: 'cancelled' })
  })

  it('H21 H28 an error that is huge, circular, or throws when it is read', async () => {
    const huge = new Error('m'.repeat(500_000)) as Error & { cause: unknown; code: string }
    Object.assign(huge, { cause: huge, code: 'c'.repeat(100_000), stack: 's'.repeat(500_000) })
    const mean = new Proxy(new Error('x'), { get: real })
    for (const thrown of [huge, mean]) {
      const run = await runOf(iteration({ eachIteration: thrower(thrown) }))
      const end = await slices(run)
      expect(end.status).toBe('failed')
      expect(JSON.stringify(end).length).toBeLessThan(100_000)
    }
  })
})

it('H20 a value that throws itself costs only its own run', async () => {
  const bad = defineJob({
    name: 'spiky',
    perform: ({ step }) =>
      step('x', () => {
        throw spiky()
      }),
  })
  const good = defineIteration({
    name: 'neighbour',
    commit: { everyItems: 1 },
    buildEnumerator: ({ cursor, enumerators }) => enumerators.times(8, { cursor }),
    eachIteration(item, { effects, run }) {
      append(effects, run.id, item)
    },
  })
  const runs = [await start(bad), await start(good)]
  const acked: string[] = []
  const messages = await Promise.all(
    runs.map(async (run) => ({
      body: { run, lane: 0, n: (await driving(run)).n },
      ack: () => void acked.push(run),
    })),
  )
  await consume(messages, workerDeps(env, new Registry([bad, good])))
  expect(acked).toHaveLength(2)
  const [spikyRun, neighbour] = runs as [string, string]
  expect(await view(neighbour)).toMatchObject({ status: 'completed' })
  expect(await appended(neighbour)).toHaveLength(8)
  expect(await view(spikyRun)).toMatchObject({ status: 'queued', attempts: 1 })
  expect((await driving(spikyRun)).lease).toBeNull()
})
