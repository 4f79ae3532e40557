import { beforeAll, describe, expect, it } from 'vitest'
import { type Played, playDemo, scenesOf } from './support/demo.ts'

describe('The demo of reports', () => {
  let played: Played

  beforeAll(async () => {
    played = await playDemo('reports')
    console.log(`demo reports took ${(played.tookMs / 1_000).toFixed(1)} s`)
  })

  it('ends well, and leaves nothing behind', () => {
    expect(played).toMatchObject({ code: 0, stderr: '', survivors: [], leftovers: [] })
    expect(played.stdout).toContain('\nEverything was done exactly once.')
  })

  it.each([
    {
      job: 'generate-reports',
      checkpoint: [
        '  Step: process_customers',
        '  Cursor: 42',
        '  Nested Step: process_customer_orders',
        '  Nested Cursor: 18',
      ],
    },
    {
      job: 'generate-reports-iteration',
      checkpoint: ['  Cursor: [{"after":41,"at":42},17]'],
    },
  ])('tells of $job: held within customer 42, resumed just there', ({ job, checkpoint }) => {
    const [held = '', resumed = ''] = scenesOf(played, job)
    expect(held).toContain(checkpoint.join('\n'))
    expect(held).toContain('2067 orders are done: all of 41 customers, and 17 of customer 42.')
    expect(resumed).toContain('Its slices did 2067 + 2933 = 5000:')
    expect(resumed).toContain('✅ A report for each customer counted at the start')
    expect(resumed).not.toContain('❌')
  })
})
