import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { Exploration } from '../../src/testing/exploration.ts'
import { plannedSchedules, smallest, type Plan } from '../../src/testing/planning.ts'
import { singleFaults, upheavals, type Place } from '../../src/testing/schedule.ts'
import { decodeSchedule, encodeSchedule } from '../../src/testing/schedule-words.ts'
import { createTables } from '../support/drive.ts'
import { appendSteps } from '../support/jobs.ts'

vi.setConfig({ testTimeout: 120_000 })
beforeAll(createTables)

/** An exploration of a job that anything but one thing leaves alone. */
async function explored(harmful: (items: unknown[]) => unknown = (items) => items) {
  const exploration = new Exploration(appendSteps, {
    params: { items: 3 },
    given: () => env.DB.prepare('DELETE FROM appended').run(),
    then: async () => {
      const { results } = await env.DB.prepare('SELECT item FROM appended').all()
      return harmful(results)
    },
  })
  await exploration.learn()
  return exploration
}

describe('what is planned', () => {
  it('is for the most part what befalls a slice at its calls, and once each what befalls the run', async () => {
    const exploration = await explored()
    const texts = (plan: Plan) => plannedSchedules(exploration, plan).map(encodeSchedule)
    const plain = singleFaults(exploration.points).map((one) => encodeSchedule([one]))
    const all = texts({})
    expect(all.slice(0, plain.length)).toEqual(plain)
    expect(all.length).toBeLessThan(2 * plain.length)
    for (const fault of [
      'insert:1:late',
      'index:2:late',
      'send:1:lost_answer',
      'release:1:storage_lost',
    ]) {
      expect(all).toContain(fault)
    }
    const some = texts({ maxSchedules: 20 })
    expect(some).toHaveLength(20)
    expect(some.filter((text) => plain.includes(text))).toHaveLength(15)
    expect(texts({ maxSchedules: 20 })).toEqual(some)
    expect(texts({ maxSchedules: 20, seed: 2 })).not.toEqual(some)
  })

  it('goes back by one call, by two, and so on, in turn', () => {
    const commits: Place[] = [1, 2, 3, 4].map((nth) => ({ kind: 'commit', nth }))
    const back = upheavals([{ kind: 'claim', nth: 1 }, ...commits])
      .filter(({ fault }) => fault === 'put_back')
      .map((one) => encodeSchedule([one]))
    expect(back).toEqual([
      'commit:1:put_back:claim:1',
      'commit:2:put_back:claim:1',
      'commit:3:put_back:claim:1',
      'commit:4:put_back:commit:3',
    ])
  })
})

describe('a replay', () => {
  it.each([
    'commit:2:late',
    'claim:1:storage_lost+raise:2:forgotten',
    'commit:2:late+raise:2:put_back:commit:1',
    'insert:1:late+send:1:lost_answer+read:3:spent',
  ])('%s is read as it was written', (text) => {
    expect(encodeSchedule(decodeSchedule(text))).toBe(text)
  })
})

describe('a schedule that fails', () => {
  it('is made as small as can be: one fault, at the earliest call', async () => {
    let triesLeft = Infinity
    const exploration = await explored((items) => (triesLeft-- > 0 ? items : 'something else'))
    triesLeft = 0
    const schedule = decodeSchedule('index:1:lost_answer+commit:3:put_back:raise:1')
    const error = await exploration.attempt(schedule)
    if (!error) throw new Error('expected another outcome')
    const found = await smallest(exploration, { schedule, error })
    expect(encodeSchedule(found.schedule)).toBe('commit:1:put_back:claim:1')
  })
})
