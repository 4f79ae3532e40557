import { exports } from 'cloudflare:workers'
import type { ClientOptions } from '../../src/client/index.ts'
import { ShopClient } from '../../src/shop/client.ts'

export type Fetch = NonNullable<ClientOptions['fetch']>

/** Straight to the Worker under test, without a network between. */
export const toWorker: Fetch = (url, init) => exports.default.fetch(new Request(url, init))

/** The client that people use; `fetch` may stand between it and the Worker. */
export function clientOf(fetch: Fetch = toWorker, options: ClientOptions = {}): ShopClient {
  return new ShopClient('http://localhost', { fetch, ...options })
}
