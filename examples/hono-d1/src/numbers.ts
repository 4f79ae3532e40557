import { DurableObject } from 'cloudflare:workers'

/** Gives out invoice numbers, one after another. */
export class InvoiceNumbers extends DurableObject<Env> {
  async next(): Promise<number> {
    const number = ((await this.ctx.storage.get<number>('last')) ?? 5_000) + 1
    await this.ctx.storage.put('last', number)
    return number
  }
}
