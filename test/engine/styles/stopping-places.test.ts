import { beforeAll, describe, expect, it } from 'vitest'
import { defineIteration, defineJob, type Effects, type Job } from '../../../src/engine/index.ts'
import { createTables, object } from '../../support/drive.ts'
import { append } from '../../support/jobs.ts'
import { runOf } from '../../support/run-of.ts'

beforeAll(createTables)

// Boxes 0 to 2, each of the things 0 to 3; thing 2 of box 1 is appended as 12.
const ALL = [0, 1, 2, 3, 10, 11, 12, 13, 20, 21, 22, 23]
const unit = 'box/thing'
const handle = (effects: Effects, run: { id: string }, box: number, thing: number) =>
  append(effects, run.id, box * 10 + thing)

const stepsInSteps = defineJob({
  name: 'steps-in-steps',
  unit,
  async perform({ step, effects, run }) {
    await step('boxes', { start: 0 }, async (box) => {
      while (box.cursor < 3) {
        await box.step('things', { start: 0 }, async (thing) => {
          while (thing.cursor < 4) {
            handle(effects, run, box.cursor, thing.cursor)
            await thing.advance()
          }
        })
        await box.advance()
      }
    })
  },
})

const walkInSteps = defineJob({
  name: 'walk-in-steps',
  unit,
  async perform({ step, effects, run, enumerators }) {
    await step('boxes', { start: 0 }, async (box) => {
      while (box.cursor < 3) {
        await box.step('things', (things) =>
          things.iterate(
            ({ cursor }) => enumerators.times(4, { cursor }),
            (thing) => handle(effects, run, box.cursor, thing),
          ),
        )
        await box.advance()
      }
    })
  },
})

const stepsInWalk = defineJob({
  name: 'steps-in-walk',
  unit,
  async perform({ step, effects, run, enumerators }) {
    await step('boxes', (boxes) =>
      boxes.iterate(
        ({ cursor }) => enumerators.times(3, { cursor }),
        (box) =>
          boxes.step('things', { start: 0 }, async (thing) => {
            while (thing.cursor < 4) {
              handle(effects, run, box, thing.cursor)
              await thing.advance()
            }
          }),
      ),
    )
  },
})

const walkInWalk = defineIteration({
  name: 'walk-in-walk',
  unit,
  buildEnumerator: ({ cursor, enumerators }) =>
    enumerators.nested(
      [
        (at) => enumerators.times(3, at),
        (at, box) =>
          enumerators.array(
            [0, 1, 2, 3].map((thing) => ({ box, thing })),
            at,
          ),
      ],
      { cursor },
    ),
  eachIteration: ({ box, thing }, { effects, run }) => handle(effects, run, box, thing),
})

describe.each<[string, Job]>([
  ['steps in steps', stepsInSteps],
  ['a walk in steps', walkInSteps],
  ['steps in a walk', stepsInWalk],
  ['a walk in a walk', walkInWalk],
])('%s', (_, job) => {
  it.each([
    ['box:0', 0],
    ['box:0/thing:0', 0],
    ['box:1', 4],
    ['box:1/thing:0', 4],
    ['box:1/thing:2', 6],
    // There is none: the place is passed when the next box comes.
    ['box:1/thing:9', 8],
    ['box:2/thing:3', 11],
  ])('stop before %s, with %i things done, and go on from there', async (at, done) => {
    const run = await runOf(job, { interrupt: { at }, hold: true })
    expect(await run.drain()).toMatchObject({ status: 'interrupted', reason: 'signal', held: true })
    expect(await run.appended()).toEqual(ALL.slice(0, done))
    await object(run.id).command('resume', {})
    expect(await run.drain()).toMatchObject({ status: 'completed', slices: 2 })
    expect(await run.appended()).toEqual(ALL)
  })
})
