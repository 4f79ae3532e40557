import { beforeAll, describe, expect, it } from 'vitest'
import { type Played, playDemo, scenesOf } from './support/demo.ts'

describe('The demo of e-mails', () => {
  let played: Played

  beforeAll(async () => {
    played = await playDemo('emails')
    console.log(`demo emails took ${(played.tookMs / 1_000).toFixed(1)} s`)
  })

  it('ends well, and leaves nothing behind', () => {
    expect(played).toMatchObject({ code: 0, stderr: '', survivors: [], leftovers: [] })
    expect(played.stdout).toContain('\nEverything was done exactly once.')
  })

  it.each(['batch-emails', 'batch-emails-iteration'])(
    'tells of %s: held with 29 batches complete, resumed with the next',
    (job) => {
      const [held = '', resumed = ''] = scenesOf(played, job)
      expect(held).toContain('1450/5000')
      expect(held).toContain('  Cursor: 1450\n')
      expect(resumed).toContain('Its slices did 1450 + 3550 = 5000:')
      expect(resumed).toContain('✅ No recipient has two mails')
      expect(resumed).not.toContain('❌')
    },
  )

  it('tells of the runs that follow, and deliver every mail', () => {
    const deliveries = scenesOf(played, 'deliver-mail')
    expect(deliveries).toHaveLength(2)
    for (const delivered of deliveries) {
      expect(delivered).toMatch(/5000\/5000 .*completed/)
      expect(delivered).toContain('✅')
      expect(delivered).not.toContain('❌')
    }
  })
})
