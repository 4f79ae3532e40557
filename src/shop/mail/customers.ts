import { z } from 'zod'
import type { RecordQuery } from 'dogear'
import { ShopError } from '../shop-error.ts'

/** Params of the jobs that are about one customer. */
export const OneCustomer = z.strictObject({ customer: z.number().int().positive() })
export type OneCustomer = z.infer<typeof OneCustomer>

/** Whom a campaign is for: customers with an e-mail address. */
export interface Audience {
  readonly region?: string | undefined
  /** The last of them, by id. */
  readonly upTo?: number | undefined
}

/** A customer who can get mail. */
export interface Recipient {
  readonly id: number
  readonly name: string | null
  readonly email: string
}

/** The customers of an audience, by id. */
export function recipients({ region, upTo }: Audience): RecordQuery<Recipient> {
  return {
    sql: `SELECT id, name, email FROM customers
      WHERE email IS NOT NULL AND id <= ? AND (? IS NULL OR region = ?)`,
    params: [upTo ?? Number.MAX_SAFE_INTEGER, region ?? null, region ?? null],
  }
}

/** The audience at this moment: how many, and the last of them (null when none). */
export async function countRecipients(db: D1Database, audience: Audience) {
  const { sql, params = [] } = recipients(audience)
  const found = await db
    .prepare(`SELECT max(id) AS last, count(*) AS count FROM (${sql})`)
    .bind(...params)
    .first<{ last: number | null; count: number }>()
  return found ?? { last: null, count: 0 }
}

/** One customer. Throws `customer_without_email` when there is none, or none who can get mail. */
export async function requireRecipient(db: D1Database, id: number): Promise<Recipient> {
  const customer = await db
    .prepare('SELECT id, name, email FROM customers WHERE id = ?')
    .bind(id)
    .first<{ id: number; name: string | null; email: string | null }>()
  if (customer?.email) return { ...customer, email: customer.email }
  throw new ShopError(
    'customer_without_email',
    customer
      ? `Customer ${id} has no e-mail address; expected one`
      : `There is no customer ${id}; expected the id of one with an e-mail address`,
  )
}
