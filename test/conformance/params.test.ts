import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { defineIteration, type IterationDefinition } from '../../src/engine/index.ts'
import { createTables } from '../support/drive.ts'
import { runOf } from '../support/run-of.ts'

beforeAll(createTables)

const seen: unknown[] = []
beforeEach(() => {
  seen.length = 0
})

const anything = z.record(z.string(), z.unknown())
type Definition = IterationDefinition<typeof anything, number, number>

/** Walks 0 and 1, and notes the params that each method sees. */
const noting = (settings: Partial<Definition> = {}) =>
  defineIteration<number, number, typeof anything>({
    name: 'noting-params',
    params: anything,
    budget: { items: 1 },
    buildEnumerator({ params, cursor, enumerators }) {
      seen.push(structuredClone(params))
      return enumerators.times(2, { cursor })
    },
    eachIteration: (_item, { params }) => void seen.push(structuredClone(params)),
    ...settings,
  })

describe('params', () => {
  const params = {
    customer: 42,
    since: new Date('2026-02-03T04:05:06.789Z'),
    none: null,
    'a key': { deep: [1, 'two', { three: 3n }] },
  }

  it('J01 J02 J04 J05 J23 J25 J26 are one map of any shape, seen unchanged by both methods', async () => {
    const run = await runOf(noting(), { params })
    expect(await run.drain()).toMatchObject({ status: 'completed' })
    expect(seen.length).toBeGreaterThanOrEqual(4)
    for (const given of seen) expect(given).toStrictEqual(params)
  })

  it('J07 may be called cursor, and are not mixed up with the cursor', async () => {
    const cursors: unknown[] = []
    const run = await runOf(
      noting({
        eachIteration(_item, { params: { cursor: param }, cursor }) {
          cursors.push([param, cursor])
        },
      }),
      { params: { cursor: 'mine' } },
    )
    await run.drain()
    expect(cursors).toEqual([
      ['mine', 0],
      ['mine', 1],
    ])
  })

  it('S25 are read again by each slice, whatever the one before did to its own copy', async () => {
    const run = await runOf(
      noting({
        eachIteration(_item, { params: given }) {
          seen.push(given['count'])
          given['count'] = 99
        },
        buildEnumerator: ({ cursor, enumerators }) => enumerators.times(3, { cursor }),
      }),
      { params: { count: 1 } },
    )
    expect(await run.drain()).toMatchObject({ params: { count: 1 } })
    expect(seen).toEqual([1, 1, 1])
  })

  it('J47 J49 J50 arrive in one context, of which a method takes what it wants', async () => {
    const run = await runOf(
      noting({
        buildEnumerator(...all) {
          seen.push(all.length)
          const [{ cursor, enumerators }] = all
          return enumerators.times(2, { cursor })
        },
        eachIteration: (...all) => void seen.push(all.length),
      }),
    )
    expect(await run.drain()).toMatchObject({ status: 'completed' })
    expect(seen).toEqual([1, 2, 1, 2, 1])
  })
})
