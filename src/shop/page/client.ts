import { fetchSeen } from 'dogear/page'
import { ShopClient } from '../client.ts'

export type { Mail, Snapshot } from '../client.ts'

/** The API at the page's own origin, with the shop's routes. */
export const client = new ShopClient('', { fetch: fetchSeen })
