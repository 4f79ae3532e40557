import { beforeAll, describe, expect, it } from 'vitest'
import { ShopClient } from '../../src/shop/client.ts'
import { type Played, playDemo, scenesOf } from './support/demo.ts'

const JOBS = [
  { job: 'process-orders', cursor: 301 },
  { job: 'process-orders-iteration', cursor: 300 },
]

describe('The demo of orders', () => {
  let played: Played

  beforeAll(async () => {
    played = await playDemo('orders')
    console.log(`demo orders took ${(played.tookMs / 1_000).toFixed(1)} s`)
  })

  it('ends well', () => {
    expect(played).toMatchObject({ code: 0, stderr: '' })
    expect(played.stdout).toContain('\nEverything was done exactly once.')
  })

  it.each(JOBS)('tells of $job: held, killed, back by itself, verified', ({ job, cursor }) => {
    const parts = scenesOf(played, job)
    expect(parts).toHaveLength(2)
    const [held = '', killed = ''] = parts
    expect(held).toContain('300/1000')
    expect(held).toMatch(new RegExp(`Checkpoint for ${job} \\(run [0-9a-f]{32}\\):`))
    expect(held).toContain(`  Cursor: ${cursor}\n`)
    expect(killed).toMatch(/kill -9 of wrangler, workerd .*\d/)
    expect(killed).toMatch(/Restarted on the same state in .*: \d+ orders are committed\./)
    expect(killed).toMatch(/Back by itself: its next commit came .* after the restart\./)
    expect(killed).toMatch(/1000\/1000 .*completed/)
    expect(killed.match(/✅/g)?.length).toBeGreaterThanOrEqual(6)
    expect(killed).toContain('✅ Each order handled exactly once')
  })

  it('leaves no process and no file behind', () => {
    expect(played.survivors).toEqual([])
    expect(played.leftovers).toEqual([])
  })
})

describe('The demo of orders, with the orders changed behind its back', () => {
  it('says so, and exits with 1', async () => {
    let reset: Promise<unknown> | undefined
    const { code, stdout, survivors, leftovers } = await playDemo('orders', (said) => {
      const url = /Worker with fresh state at (\S+) /.exec(said)?.[1]
      // In mid-run: what is done by now is undone, and the run does not come by again.
      if (url !== undefined && said.includes('Back by itself')) {
        reset ??= new ShopClient(url).reset()
      }
    })
    await reset
    expect(stdout).toMatch(/❌ All orders in the run's range handled: expected 1000, found \d+/)
    expect(stdout).toContain('\nNOT everything was done exactly once.')
    expect(code).toBe(1)
    expect({ survivors, leftovers }).toEqual({ survivors: [], leftovers: [] })
  })
})
