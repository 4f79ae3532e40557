import { createServer, type Server } from 'node:http'

/** An HTTP server that takes its time to answer, and counts what it is asked for. It outlives the Worker. */
export class Partner {
  /** Calls for each item. */
  readonly calls = new Map<string, number>()
  /** The items that came under each idempotency key. */
  readonly keys = new Map<string, Set<string>>()
  most = 0
  #atWork = 0
  readonly #server: Server

  private constructor(waitMs: (item: number) => number) {
    this.#server = createServer((request, response) => {
      const item = request.url?.slice(1) ?? ''
      const key = String(request.headers['idempotency-key'])
      this.calls.set(item, (this.calls.get(item) ?? 0) + 1)
      this.keys.set(key, (this.keys.get(key) ?? new Set()).add(item))
      this.most = Math.max(this.most, ++this.#atWork)
      const timer = setTimeout(() => response.end('done'), waitMs(Number(item)))
      // The other side may be killed while it waits.
      response.on('close', () => {
        clearTimeout(timer)
        this.#atWork -= 1
      })
    })
  }

  static start(waitMs: (item: number) => number): Promise<Partner> {
    const partner = new Partner(waitMs)
    return new Promise((resolve, reject) => {
      partner.#server.once('error', reject).listen(0, '127.0.0.1', () => resolve(partner))
    })
  }

  get port(): number {
    const address = this.#server.address()
    return typeof address === 'object' && address !== null ? address.port : 0
  }

  close(): void {
    this.#server.closeAllConnections()
    this.#server.close()
  }
}
