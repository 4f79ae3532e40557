import { z } from 'zod'
import { ROLES, type Role } from '../caller.ts'
import { digestOf } from './digest.ts'

/** A token as the Worker knows it: by its digest alone. */
export interface Token {
  name: string
  role: Role
  digest: Uint8Array
}

const DIGEST = /^sha256:([0-9a-f]{64})$/i

export const TokensSchema = z
  .array(
    z.strictObject({
      name: z.string().regex(/^[\w.@-]{1,64}$/),
      role: z.enum(ROLES),
      // What is shorter can be guessed.
      token: z.string().min(16).max(1_000),
    }),
  )
  .refine((tokens) => new Set(tokens.map(({ name }) => name)).size === tokens.length, {
    message: 'two tokens have the same name',
  })
  .refine((tokens) => new Set(tokens.map(({ token }) => token)).size === tokens.length, {
    message: 'two names have the same token',
  })
  .refine((tokens) => tokens.every(({ token }) => !/^sha256:/i.test(token) || DIGEST.test(token)), {
    message: "a token begins with 'sha256:' and goes on with something else than 64 hex digits",
  })

export function hashTokens(tokens: z.infer<typeof TokensSchema>): Promise<Token[]> {
  return Promise.all(
    tokens.map(async ({ name, role, token }) => {
      const hex = DIGEST.exec(token)?.[1]
      return { name, role, digest: hex ? bytesOf(hex) : await digestOf(token) }
    }),
  )
}

/**
 * The token that was presented, if there is such a one. Takes the same time whichever it is: all digests
 * are compared, each in constant time.
 */
export async function findToken(
  tokens: readonly Token[],
  presented: string,
): Promise<Token | undefined> {
  const digest = await digestOf(presented)
  let found: Token | undefined
  for (const token of tokens) {
    if (crypto.subtle.timingSafeEqual(token.digest, digest)) found = token
  }
  return found
}

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16))
}
