import { describe, expect, it } from 'vitest'
import { OrderProcessor } from '../../src/shop/orders/order-processor.ts'

const line = (quantity: number, unitPriceThousandths: number) => ({
  quantity,
  unitPriceThousandths,
})

describe('OrderProcessor.amountCents', () => {
  it.each([
    [6, 2_550, 1_530],
    [1, 4, 0],
    [1, 5, 1],
    [3, 335, 101],
    [1, 1_005, 101],
    [-1, 1_005, -101],
    [-1, 4, 0],
    [1, -1_005, -101],
    [-1, -1_005, 101],
    [0, 9_990, 0],
    [5, 0, 0],
    [80_995, 2_080, 16_846_960],
  ])('rounds %i × %i thousandths half away from zero to %i cents', (quantity, price, cents) => {
    expect(OrderProcessor.amountCents(line(quantity, price))).toBe(cents)
  })

  it('is exact where floats are not', () => {
    // 1.005 * 100 is 100.49999999999999 in floating point.
    expect(OrderProcessor.amountCents(line(1, 1_005))).toBe(101)
    expect(OrderProcessor.amountCents(line(3, 100))).toBe(30)
  })

  it('refuses an amount it cannot hold exactly', () => {
    expect(() => OrderProcessor.amountCents(line(2 ** 30, 2 ** 30))).toThrow(RangeError)
  })
})

describe('OrderProcessor.settle', () => {
  it('processes an order with the sum of its lines', () => {
    expect(OrderProcessor.settle('536365', [line(6, 2_550), line(2, 3_390)])).toEqual({
      status: 'processed',
      totalCents: 2_208,
    })
  })

  it('rounds each line, not the order', () => {
    const settlement = OrderProcessor.settle('1', [line(1, 5), line(1, 5), line(1, 5)])
    expect(settlement).toEqual({ status: 'processed', totalCents: 3 })
  })

  it('lets a discount line lower the total', () => {
    expect(OrderProcessor.settle('1', [line(1, 10_000), line(-1, 2_505)])).toEqual({
      status: 'processed',
      totalCents: 749,
    })
  })

  it.each([
    ['no lines', []],
    ['a total of nothing', [line(1, 1_000), line(-1, 1_000)]],
    ['lines that round to nothing', [line(1, 4), line(1, 4)]],
    ['a negative total', [line(-2, 500)]],
  ])('fails an order with %s', (_, lines) => {
    expect(OrderProcessor.settle('1', lines)).toEqual({
      status: 'failed',
      reason: 'non_positive_total',
    })
  })

  it('fails a cancelled order as cancelled, whatever its total', () => {
    for (const quantity of [1, 0, -1]) {
      expect(OrderProcessor.settle('C536379', [line(quantity, 1_000)])).toEqual({
        status: 'failed',
        reason: 'cancelled',
      })
    }
  })
})
