import { beforeAll, describe, expect, it } from 'vitest'
import { defineJob } from '../../src/engine/index.ts'
import {
  continueIterating,
  dogearMatchers,
  drive,
  interruptAfterStep,
  interruptDuringStep,
  iterateExactly,
  iterateOnce,
  runInline,
  start,
  testBench,
} from '../../src/testing/index.ts'
import { append, appendIteration, appendSteps, appendThenFollow } from '../support/jobs.ts'
import { appended, createTables, upTo } from '../support/drive.ts'

expect.extend(dogearMatchers)
beforeAll(createTables)

describe('runInline', () => {
  it('starts a run and drives it to its end', async () => {
    const run = await runInline(appendSteps, { items: 4 })
    expect(run).toMatchObject({ status: 'completed', result: { appended: 4 }, slices: 1 })
    expect(run).toHaveCompletedSteps('count', 'append', 'finish')
    expect(await appended(run.id)).toEqual(upTo(4))
  })

  it('refuses params as a start does', async () => {
    await expect(runInline(appendSteps, { items: -1 })).rejects.toMatchObject({
      code: 'invalid_params',
    })
  })

  it('gives a run that fails back, after all its attempts and their waits', async () => {
    const failing = defineJob({
      name: 'failing',
      perform: ({ step }) =>
        step('x', () => {
          throw new Error('no')
        }),
    })
    const run = await runInline(failing)
    expect(run).toMatchObject({ status: 'failed', slices: 5, error: { message: 'no' } })
  })

  it('leaves follow-up runs waiting, to be driven one by one', async () => {
    const bench = testBench({ jobs: [appendSteps] })
    const run = await bench.runInline(appendThenFollow)
    const [soon, later] = run.children
    expect(await bench.drive(soon ?? '')).toMatchObject({ status: 'completed' })
    const before = bench.clock.now()
    expect(await bench.view(later ?? '')).toMatchObject({ status: 'queued' })
    expect(await bench.drive(later ?? '')).toMatchObject({ status: 'completed' })
    expect(bench.clock.now() - before).toBeGreaterThan(299_000)
  })
})

describe('interruptions in steps', () => {
  it('stop during a step at exactly the cursor that is named', async () => {
    const run = await start(appendSteps, { items: 9 })
    const stopped = await interruptDuringStep(run, 'append', { cursor: 6 })
    expect(stopped).toMatchObject({ status: 'interrupted', reason: 'signal' })
    expect(stopped).toHaveCheckpointAt('append', 6)
    expect(stopped).not.toHaveCheckpointAt('append', 5)
    expect(await appended(run.id)).toEqual(upTo(5))
    expect(await drive(run)).toMatchObject({ status: 'completed', interruptions: 1 })
    expect(await appended(run.id)).toEqual(upTo(9))
  })

  it('stop after a step, before the next one', async () => {
    const run = await start(appendSteps, { items: 3 })
    const stopped = await interruptAfterStep(run, 'append')
    expect(stopped).toHaveCompletedSteps('count', 'append')
    expect(stopped).toHaveCheckpointAt(null)
    expect(await drive(run)).toMatchObject({ status: 'completed', resumptions: 1 })
  })

  it('stop at the first checkpoint of a step that has no cursor yet', async () => {
    const checking = defineJob({
      name: 'checking',
      async perform({ step, effects, run }) {
        await step('one', async (step) => {
          append(effects, run.id, 1)
          await step.checkpoint()
          await step.set('moved')
        })
      },
    })
    const run = await start(checking)
    expect(await interruptDuringStep(run, 'one')).toHaveCheckpointAt('one')
    await drive(run)
    expect(await appended(run.id)).toEqual([1, 1])
  })

  it.each([
    ['a cursor that is passed over', 'append', 99],
    ['a step that there is not', 'nowhere', 1],
  ])('are an error for %s', async (_what, step, cursor) => {
    const run = await start(appendSteps, { items: 3 })
    await expect(interruptDuringStep(run, step, { cursor })).rejects.toMatchObject({
      code: 'never_interrupted',
      message: expect.stringContaining(`expected an interruption during step '${step}'`),
    })
  })

  it('are an error after the last step, which has no checkpoint behind it', async () => {
    const run = await start(appendSteps, { items: 3 })
    await expect(interruptAfterStep(run, 'finish')).rejects.toMatchObject({
      code: 'never_interrupted',
    })
  })
})

describe.each([
  ['in steps', appendSteps],
  ['as an iteration', appendIteration],
])('iterating %s', (_style, job) => {
  it('J175 iterateOnce handles one item', async () => {
    const run = await start(job, { items: 10 })
    expect(await iterateOnce(run)).toMatchObject({
      status: 'interrupted',
      progress: { done: 1 },
    })
    expect(await appended(run.id)).toEqual([1])
  })

  it('J176 continueIterating handles all', async () => {
    const run = await start(job, { items: 10 })
    expect(await continueIterating(run)).toMatchObject({
      status: 'completed',
      interruptions: 0,
      progress: { done: 10 },
    })
  })

  it('J178 iterateOnce and then continueIterating handles each item once', async () => {
    const run = await start(job, { items: 10 })
    await iterateOnce(run)
    expect(await continueIterating(run)).toMatchObject({ progress: { done: 10 } })
    expect((await appended(run.id)).filter((item) => item > 0)).toEqual(upTo(10))
  })

  it('J44 a request to stop holds for one slice, and not for the next', async () => {
    const run = await start(job, { items: 5 })
    expect(await iterateOnce(run)).toMatchObject({ reason: 'signal', interruptions: 1 })
    expect(await continueIterating(run)).toMatchObject({ interruptions: 1, slices: 2 })
  })

  it('J179 a slice that is asked to stop before it begins still handles one item', async () => {
    const bench = testBench()
    const run = await bench.start(job, { items: 5 })
    await bench.objects(run.id).command('interrupt', { hold: true })
    // In steps, the stop may also come between two of them: the slice has got somewhere then.
    for (let slices = 0; slices < 2 && (await appended(run.id)).length === 0; slices++) {
      expect(await bench.drive(run)).toMatchObject({ status: 'interrupted', held: true })
      if ((await appended(run.id)).length > 0) break
      await bench.objects(run.id).command('resume', {})
      await bench.objects(run.id).command('interrupt', { hold: true })
    }
    expect(await appended(run.id)).toEqual([1])
    expect(await continueIterating(run, bench)).toMatchObject({ progress: { done: 5 } })
  })

  it('stops after exactly as many items as are named, again and again', async () => {
    const run = await start(job, { items: 7 })
    await iterateExactly(run, 3)
    expect(await appended(run.id)).toEqual(upTo(3))
    await iterateExactly(run, 2)
    expect(await appended(run.id)).toEqual(upTo(5))
    await expect(iterateExactly(run, 3)).rejects.toMatchObject({ code: 'never_interrupted' })
  })

  it('can also be held, and goes on when told to', async () => {
    const run = await start(job, { items: 4 }, { hold: true })
    expect(await iterateExactly(run, 2)).toMatchObject({ held: true })
    expect(await continueIterating(run)).toMatchObject({ status: 'completed' })
  })
})

it('iterateExactly refuses less than one item: every slice handles at least one', async () => {
  const run = await start(appendSteps)
  await expect(iterateExactly(run, 0)).rejects.toMatchObject({ code: 'invalid_count' })
})

describe('TestClock', () => {
  it('lets a wait pass without sleeping, and not a moment earlier', async () => {
    const bench = testBench()
    const run = await bench.start(appendSteps, { items: 1 }, { wait: '2 hours' })
    await bench.clock.advance('119 minutes')
    await expect(bench.deliver(run)).rejects.toMatchObject({ code: 'nothing_to_deliver' })
    await bench.clock.advance('1 minute')
    expect(await bench.deliver(run)).toMatchObject({ status: 'completed' })
  })

  it('resolves its waits as it is moved on', async () => {
    const { clock } = testBench()
    const rung: string[] = []
    const waits = [
      clock.wait(2_000).then(() => rung.push('late')),
      clock.wait(1_000).then(() => rung.push('early')),
    ]
    await clock.advance(1_000)
    await waits[1]
    expect(rung).toEqual(['early'])
    await clock.advance('1s')
    await Promise.all(waits)
    expect(rung).toEqual(['early', 'late'])
  })
})

it('toHaveCheckpointAt compares dates, bigints and objects as they are shown', () => {
  const view = { step: 'x', completedSteps: [], cursor: { at: '2026-01-01T00:00:00.000Z', n: '5' } }
  expect(view).toHaveCheckpointAt('x', { n: 5n, at: new Date(Date.UTC(2026, 0, 1)) })
  expect(() => expect(view).toHaveCheckpointAt('x', 7)).toThrow(
    `The run's checkpoint is at step 'x'`,
  )
  expect(() => expect(view).toHaveCompletedSteps('a')).toThrow('expected [a]')
})
