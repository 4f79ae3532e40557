import { describe, expect, it } from 'vitest'
import { PageSize } from '../../../src/engine/enumerators/page-size.ts'

const page = (rows: number, characters = 20) =>
  Array.from({ length: rows }, () => 'x'.repeat(characters - 2))

/** The sizes of these pages, when the walk had to wait for each. */
function sizes(size: PageSize, pages: number, characters?: number): number[] {
  return Array.from({ length: pages }, (_, index) => {
    const { rows } = size
    size.took(page(rows, characters), index > 0)
    return rows
  })
}

describe('the rows of the next page', () => {
  it('are as many as were read so far, while the walk has to wait, up to 10,000', () => {
    expect(sizes(new PageSize(500, { grows: true }), 9)).toEqual([
      500, 500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000, 10_000,
    ])
  })

  it('are 2,000 at most where the page is there in time', () => {
    const size = new PageSize(500, { grows: true })
    for (let pages = 0; pages < 5; pages++) size.took(page(size.rows), false)
    expect(size.rows).toBe(2_000)
  })

  it('are no more than a megabyte, unless the walk began with more', () => {
    expect(sizes(new PageSize(500, { grows: true }), 6, 1_000).at(-1)).toBe(1_000)
    expect(sizes(new PageSize(500, { grows: true }), 6, 10_000).at(-1)).toBe(500)
  })

  it('are fewer again once rows are larger, whatever the first of a page is like', () => {
    const size = new PageSize(500, { grows: true })
    expect(sizes(size, 9).at(-1)).toBe(10_000)
    size.took([...page(100), ...page(9_900, 1_000)], false)
    expect(size.rows).toBeGreaterThan(900)
    expect(size.rows).toBeLessThan(1_200)
  })

  it('are a multiple of a batch', () => {
    expect(sizes(new PageSize(300, { unit: 300, grows: true }), 9).at(-1)).toBe(9_900)
  })

  it('are what the job says, when it says so', () => {
    expect(sizes(new PageSize(7), 4)).toEqual([7, 7, 7, 7])
  })
})
