import { base, fetchSeen } from 'dogear/page'
import { ShopClient } from '../client.ts'

export type { Mail, Snapshot } from '../client.ts'

/** The API that the page belongs to, with the shop's routes. */
export const client = new ShopClient(base, { fetch: fetchSeen })
