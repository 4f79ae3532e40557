import { beforeAll, describe, expect, it } from 'vitest'
import { defineJob } from '../../src/engine/index.ts'
import { call } from '../support/api.ts'
import { appended, createTables, deliver, drain, start, upTo } from '../support/drive.ts'
import { appendSteps } from '../support/jobs.ts'
import { deliverAndDie, isCommit, nth } from '../support/mortal.ts'
import { runOf } from '../support/run-of.ts'

beforeAll(createTables)

const five = { params: { items: 5 }, commit: { everyItems: 1 } }

async function steer(run: string, command: string) {
  const { status, json } = await call('POST', `/api/runs/${run}/${command}`)
  return { http: status, status: json['status'], code: json['code'], detail: json['detail'] }
}

describe('M67 the buttons of the page, as the API hears them', () => {
  it('pause a run and resume it', async () => {
    const run = await start(appendSteps, five)
    expect(await steer(run, 'pause')).toMatchObject({ http: 200, status: 'paused' })
    expect(await steer(run, 'resume')).toMatchObject({ http: 200, status: 'queued' })
    expect(await drain(run)).toMatchObject({ status: 'completed' })
    expect(await appended(run)).toEqual(upTo(5))
  })

  it('cancel a run that waits, one that is being paused, and one whose slice is stuck', async () => {
    const waiting = await start(appendSteps, five)
    const [pausing, stuck] = [await start(appendSteps, five), await start(appendSteps, five)]
    for (const run of [pausing, stuck]) {
      await deliverAndDie(run, { d1: nth(3, isCommit), when: 'before' })
    }
    expect(await steer(pausing, 'pause')).toMatchObject({ http: 202, status: 'running' })
    for (const run of [waiting, pausing, stuck]) {
      expect(await steer(run, 'cancel')).toMatchObject({ http: 200, status: 'cancelled' })
      const before = await appended(run)
      await deliver(run)
      expect(await appended(run)).toEqual(before)
    }
  })

  it('take up a failed run again', async () => {
    let broken = true
    const run = await runOf(
      defineJob({
        name: 'steered-failure',
        retry: { attempts: 1 },
        async perform({ step }) {
          await step('only', () => {
            if (broken) throw new Error('broken')
          })
        },
      }),
    )
    expect(await run.slice()).toMatchObject({ status: 'failed' })
    broken = false
    expect(await steer(run.id, 'retry')).toMatchObject({ http: 200, status: 'queued' })
    expect(await run.drain()).toMatchObject({ status: 'completed' })
  })

  it('say so when there is no such run any more', async () => {
    expect(await steer('0'.repeat(32), 'cancel')).toMatchObject({ http: 404, code: 'unknown_run' })
  })
})

describe('M68 a page that is out of date', () => {
  it('hears that a run was resumed before', async () => {
    const run = await start(appendSteps, five)
    await steer(run, 'pause')
    await steer(run, 'resume')
    expect(await steer(run, 'resume')).toEqual({
      http: 409,
      code: 'invalid_transition',
      status: 409,
      detail: `Run ${run} is queued; resume is not possible then`,
    })
  })

  it('hears that a run was cancelled before', async () => {
    const run = await start(appendSteps, five)
    await steer(run, 'cancel')
    expect(await steer(run, 'pause')).toMatchObject({
      http: 409,
      detail: `Run ${run} is cancelled; pause is not possible then`,
    })
  })
})
