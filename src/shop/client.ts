import { type CallOptions, Client, path, type Run, search } from 'dogear/client'
import type { z } from 'zod'
import type { MailboxQuerySchema, MailboxSchema, SnapshotSchema } from './api/schemas.ts'
import type { SeedOptions } from './data/seed-options.ts'

export type { SeedOptions } from './data/seed-options.ts'
export type Snapshot = z.infer<typeof SnapshotSchema>
export type MailPage = z.infer<typeof MailboxSchema>
export type Mail = MailPage['mails'][number]
export type MailboxQuery = z.input<typeof MailboxQuerySchema>

/** The API of the shop's Worker: Dogear's, and the shop's own routes. */
export class ShopClient extends Client {
  /** `GET /api/shop/snapshot`: the shop in numbers. */
  snapshot = (options?: CallOptions): Promise<Snapshot> => this.get('/api/shop/snapshot', options)
  /** `POST /api/shop/seed`: empties the shop, then fills it. */
  seed = (given: SeedOptions = {}, options?: CallOptions): Promise<Snapshot> =>
    this.post('/api/shop/seed', given, options)
  /** `POST /api/shop/reset`: makes every order pending again. */
  reset = (options?: CallOptions): Promise<Snapshot> =>
    this.post('/api/shop/reset', undefined, options)
  /** `POST /api/shop/clean`: removes all data of the shop. */
  clean = (options?: CallOptions): Promise<Snapshot> =>
    this.post('/api/shop/clean', undefined, options)
  /** `PUT /api/shop/imports/:name`: uploads a CSV file, gzipped or not, and starts its import. */
  upload = (name: string, file: Blob | string, options?: CallOptions): Promise<Run> => {
    const contentType = name.endsWith('.gz') ? 'application/gzip' : 'text/csv'
    const target = path`/api/shop/imports/${name}`
    return this.connection.json('PUT', target, { ...options, body: file, contentType })
  }
  /** `GET /api/shop/mailbox`: one page of the mails that the local mailbox has received, the newest first. */
  mailbox = (query: MailboxQuery = {}, options?: CallOptions): Promise<MailPage> =>
    this.get(`/api/shop/mailbox${search(query)}`, options)
}
