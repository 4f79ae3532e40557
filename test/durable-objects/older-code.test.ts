import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import type { RunObject, RunObjects } from '../../src/engine/drive/protocol.ts'
import type { Report } from '../../src/engine/drive/run-record.ts'
import { runObjects } from '../../src/engine/drive/run-objects.ts'
import { appended, createTables, drain, start, truth, view } from '../support/drive.ts'
import { appendSteps } from '../support/jobs.ts'

beforeAll(createTables)

/** An object that knows nothing of what came later: it answers with less, and takes less. */
const olderObjects: RunObjects = (id) => {
  const object = runObjects(env)(id)
  const older: Pick<RunObject, 'claim' | 'report' | 'release' | 'create'> = {
    async claim(lane, n) {
      const claim = await object.claim(lane, n)
      if (!claim.ok) return claim
      const {
        history: _history,
        queueLagMs: _queueLagMs,
        progressBefore: _progressBefore,
        stumbled: _stumbled,
        ...known
      } = claim
      return known
    },
    report: (report) => object.report(report),
    release: (report, fence, outcome) => object.release(report, fence, outcome),
    create: (run) => object.create(run),
  }
  return older as RunObject
}

describe('H57 after a deploy, one side is older than the other for a while', () => {
  it('an older consumer tells a new object less, and the run is shown whole', async () => {
    const run = await start(appendSteps, { params: { items: 3 } })
    const object = runObjects(env)(run)
    const claim = await object.claim(0, 1)
    if (!claim.ok) throw new Error(claim.code)
    const { fence } = claim
    const report = {
      fence,
      seq: 1,
      checkpoint: '{"completed":[]}',
      done: 0,
      total: null,
      commits: 0,
    }
    expect(await object.report(report as unknown as Report)).toEqual({ ok: true, stop: null })
    expect(
      await object.release(null, fence, {
        kind: 'interrupted',
        reason: 'budget',
        directiveMet: false,
      }),
    ).toEqual({ ok: true })
    expect(await view(run)).toMatchObject({
      status: 'interrupted',
      progress: { done: 0, total: null, skipped: 0 },
    })
    expect(await drain(run)).toMatchObject({ status: 'completed', progress: { done: 3 } })
    expect(await appended(run)).toEqual([1, 2, 3])
  })

  it('a new consumer is content with what an older object tells', async () => {
    const run = await start(appendSteps, { params: { items: 3 }, interrupt: { afterItems: 2 } })
    expect(await drain(run, { objects: olderObjects })).toMatchObject({ status: 'completed' })
    expect(await appended(run)).toEqual([1, 2, 3])
    expect(await truth(run)).toMatchObject({ status: 'completed', fence: 2 })
  })
})
