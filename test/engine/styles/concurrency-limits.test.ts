import { beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { defineIteration, defineJob, NonRetryableError } from '../../../src/engine/index.ts'
import { createTables, upTo } from '../../support/drive.ts'
import { append } from '../../support/jobs.ts'
import { partnered, Partners } from '../../support/partners.ts'
import { runOf } from '../../support/run-of.ts'

beforeAll(createTables)

describe('concurrency is refused', () => {
  it.each([0, -1, 1.5, 101, Number.NaN, '6'])('as %s', (concurrency) => {
    expect(() => partnered(new Partners(), { concurrency })).toThrow(
      expect.objectContaining({
        code: 'invalid_job',
        message: expect.stringContaining('a whole number from 1 to 100'),
      }),
    )
  })

  it('of a walk, too, and the run fails with it', async () => {
    const job = defineJob({
      name: 'badly-concurrent',
      perform: ({ step, enumerators }) =>
        step('x', (step) =>
          step.iterate(
            ({ cursor }) => enumerators.times(3, { cursor }),
            () => undefined,
            { concurrency: 0 },
          ),
        ),
    })
    const run = await runOf(job)
    expect(await run.slice()).toMatchObject({
      status: 'failed',
      error: { code: 'invalid_step', message: expect.stringContaining('concurrency is 0') },
    })
  })

  it('beside attributes, which would depend on which item is faster', () => {
    const attributes = {
      '~standard': { version: 1, vendor: 'test', validate: (value: unknown) => ({ value }) },
    }
    expect(() => partnered(new Partners(), { attributes })).toThrow(
      expect.objectContaining({
        code: 'invalid_job',
        message: expect.stringContaining('beside attributes'),
      }),
    )
  })

  it('not so where the job says how attributes are combined', async () => {
    const partners = new Partners()
    let failed = false
    const job = defineIteration({
      name: 'partnered-attributes',
      concurrency: 6,
      skip: { maxSkips: 1, attempts: 2 },
      attributes: z.object({ sum: z.number().default(0), order: z.array(z.number()).default([]) }),
      combineAttributes: (sofar, own) => ({
        sum: sofar.sum + own.sum,
        order: [...sofar.order, ...own.order],
      }),
      buildEnumerator: ({ cursor, enumerators }) => enumerators.array(upTo(20), { cursor }),
      async eachIteration(item, { attributes, effects, run }) {
        // Its own: nothing of another item is seen.
        expect(attributes).toEqual({ sum: 0, order: [] })
        attributes.sum += item
        await partners.call(item)
        attributes.order = [item]
        append(effects, run.id, item)
        if (item === 4 && !failed) {
          failed = true
          throw new Error('once')
        }
        if (item === 9) throw new NonRetryableError('never')
      },
      onComplete: ({ attributes }) => ({ ...attributes }),
    })
    const run = await runOf(job, { interrupt: { afterItems: 7 } })
    const others = upTo(20).filter((item) => item !== 9)
    expect(await run.drain()).toMatchObject({
      status: 'completed',
      result: { sum: 210 - 9, order: others },
      progress: { done: 19, skipped: 1 },
    })
    expect(await run.appended()).toEqual(others)
  })

  it('for steps within its items', async () => {
    const job = defineJob({
      name: 'steps-within-concurrent',
      retry: { attempts: 1 },
      perform: ({ step, enumerators }) =>
        step('outer', (outer) =>
          outer.iterate(
            ({ cursor }) => enumerators.times(3, { cursor }),
            async () => {
              await outer.step('inner', () => undefined)
            },
            { concurrency: 2 },
          ),
        ),
    })
    const run = await runOf(job)
    expect(await run.drain()).toMatchObject({
      status: 'failed',
      error: { code: 'invalid_step', message: expect.stringContaining('walk with concurrency') },
    })
  })
})
