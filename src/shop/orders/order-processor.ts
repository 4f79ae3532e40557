/** The parts of a line that its amount depends on. Prices are whole thousandths of a unit: floats go wrong. */
export interface PricedLine {
  readonly quantity: number
  readonly unitPriceThousandths: number
}

export type FailureReason = 'cancelled' | 'non_positive_total'

/** The outcome of a pending order. */
export type Settlement =
  | { readonly status: 'processed'; readonly totalCents: number }
  | { readonly status: 'failed'; readonly reason: FailureReason }

/** The shop's rules for orders. Pure, and exact to the cent. */
export const OrderProcessor = {
  /** Decides an order. A failed order has a reason and is not tried again. */
  settle(number: string, lines: readonly PricedLine[]): Settlement {
    if (number.startsWith('C')) return { status: 'failed', reason: 'cancelled' }
    const totalCents = lines.reduce((total, line) => total + OrderProcessor.amountCents(line), 0)
    return totalCents > 0
      ? { status: 'processed', totalCents }
      : { status: 'failed', reason: 'non_positive_total' }
  },

  /** Quantity × unit price, rounded half away from zero to whole cents: per line, not per order. */
  amountCents({ quantity, unitPriceThousandths }: PricedLine): number {
    const thousandths = quantity * unitPriceThousandths
    if (!Number.isSafeInteger(thousandths)) {
      throw new RangeError(
        `${quantity} × ${unitPriceThousandths} thousandths is no whole number below 2^53`,
      )
    }
    const cents = Math.floor((Math.abs(thousandths) + 5) / 10)
    return thousandths < 0 ? 0 - cents : cents
  },
} as const
