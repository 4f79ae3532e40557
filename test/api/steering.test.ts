import { beforeAll, describe, expect, it } from 'vitest'
import { defineIteration, defineJob } from '../../src/engine/index.ts'
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

describe('a retry that passes over an item, as the API hears it', () => {
  const bad = () =>
    runOf(
      defineIteration({
        name: 'steered-poison',
        retry: { attempts: 1 },
        buildEnumerator: ({ cursor, enumerators }) => enumerators.array(upTo(3), { cursor }),
        eachIteration(item) {
          if (item === 2) throw new Error('item 2 is bad')
        },
      }),
    )
  const ask = (run: string, body: object, command = 'retry') =>
    call('POST', `/api/runs/${run}/${command}`, body)

  it('goes on without it, and its skip says who has asked', async () => {
    const run = await bad()
    await run.drain()
    const shown = await call('GET', `/api/runs/${run.id}`)
    const { at } = shown.json['error'] as { at: { place: string } }
    expect(await ask(run.id, { passOver: at.place })).toMatchObject({ status: 200 })
    expect(await run.drain()).toMatchObject({ status: 'completed' })
    const { json } = await call('GET', `/api/runs/${run.id}/skips`)
    expect(json['skips']).toMatchObject([{ cursor: 1, by: expect.stringMatching(/./) }])
    const audit = await call('GET', `/api/audit?run=${run.id}`)
    expect(JSON.stringify(audit.json)).toContain(at.place)
  })

  it('is refused by name where the run has stopped elsewhere, or another command comes with it', async () => {
    const run = await bad()
    await run.drain()
    const before = await run.view()
    const other = await ask(run.id, { passOver: 'iteration/7' })
    expect(other.json).toMatchObject({ status: 409, code: 'other_item' })
    expect(other.json['detail']).toContain("stopped at item 1 (passOver 'iteration/1')")
    const paused = await ask(run.id, { passOver: 'iteration/1' }, 'cancel')
    expect(paused.json).toMatchObject({ status: 400, code: 'invalid_request' })
    for (const passOver of ['', 7, true, 'x'.repeat(1_001)])
      expect(await ask(run.id, { passOver })).toMatchObject({ status: 400 })
    expect(await run.view()).toEqual(before)
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
