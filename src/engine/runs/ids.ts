export function randomId(): string {
  return hex(crypto.getRandomValues(new Uint8Array(16)))
}

/** The run id that follows from its parts: creating it twice is creating it once. */
export async function derivedId(...parts: string[]): Promise<string> {
  const digest = await crypto.subtle.digest(
    'SHA-256',
    new TextEncoder().encode(JSON.stringify(parts)),
  )
  return hex(new Uint8Array(digest, 0, 16))
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
