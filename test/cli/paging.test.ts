import { describe, expect, it } from 'vitest'
import { gathered } from '../../src/cli/verbs/paging.ts'

/** A list of so many numbers, page by page; and what was asked of it. */
function listOf(count: number) {
  const asked: { limit: number; cursor?: string }[] = []
  const ask = async (page: { limit: number; cursor?: string }) => {
    asked.push(page)
    const from = Number(page.cursor ?? 0)
    const end = Math.min(from + page.limit, count)
    return {
      items: Array.from({ length: end - from }, (_, i) => from + i),
      nextCursor: end < count ? `${end}` : null,
    }
  }
  return { asked, ask }
}

describe('A list longer than a page', () => {
  it('is gathered up to any limit, and says where it goes on', async () => {
    const { asked, ask } = listOf(1_000)
    const { items, nextCursor } = await gathered('items', { limit: 250 }, ask)
    expect(items).toEqual(Array.from({ length: 250 }, (_, i) => i))
    expect(nextCursor).toBe('250')
    expect(asked).toEqual([
      { limit: 100 },
      { limit: 100, cursor: '100' },
      { limit: 50, cursor: '200' },
    ])
  })

  it('is gathered to its end with --all, whatever the limit', async () => {
    const { asked, ask } = listOf(301)
    const { items, nextCursor } = await gathered('items', { limit: 20, all: true }, ask)
    expect([items.length, nextCursor, asked.length]).toEqual([301, null, 4])
  })

  it('goes on after a cursor, and asks once for what one page holds', async () => {
    const { asked, ask } = listOf(50)
    expect((await gathered('items', { limit: 100, cursor: '48' }, ask)).items).toEqual([48, 49])
    expect(asked).toEqual([{ limit: 100, cursor: '48' }])
  })
})
