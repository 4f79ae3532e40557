import { beforeAll, describe, expect, it } from 'vitest'
import { untilMs } from '../../../src/engine/durations.ts'
import { call } from '../../support/api.ts'
import { createTables, start, view } from '../../support/drive.ts'
import { appendSteps } from '../../support/jobs.ts'

beforeAll(createTables)

const inAnHour = () => new Date(Math.floor(Date.now() / 1_000) * 1_000 + 3_600_000)

describe('a run that is started for a time', () => {
  it.each([
    ['a Date', (at: Date) => at],
    ['ISO 8601', (at: Date) => at.toISOString()],
    ['ISO 8601 with an offset', (at: Date) => at.toISOString().replace('.000Z', '+00:00')],
  ])('waits until then: %s', async (_, wait) => {
    const at = inAnHour()
    const { resumeAt, status } = await view(await start(appendSteps, { wait: wait(at) }))
    expect(status).toBe('queued')
    expect(Math.abs(Date.parse(String(resumeAt)) - at.getTime())).toBeLessThan(2_000)
  })

  it('by the API', async () => {
    const at = inAnHour()
    const { status, json } = await call('POST', '/api/jobs/process-orders/runs', {
      wait: at.toISOString(),
    })
    expect(status).toBe(201)
    expect(Math.abs(Date.parse(String(json['resumeAt'])) - at.getTime())).toBeLessThan(2_000)
  })

  it('begins at once when that has passed', () => {
    expect(untilMs('2020-01-01T00:00:00Z', Date.now())).toBe(0)
    expect(untilMs(new Date(0), 1_000)).toBe(0)
    expect(untilMs('5s', 1_000)).toBe(5_000)
  })

  it.each([
    ['2026-12-24'],
    ['2026-12-24T18:00:00'],
    ['2026-99-99T00:00:00Z'],
    [new Date(Number.NaN)],
  ])('is refused when it is no time of its own: %s', async (wait) => {
    await expect(start(appendSteps, { wait })).rejects.toMatchObject({ code: 'invalid_options' })
  })
})
