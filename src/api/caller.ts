/** The roles of callers, each with the rights of those before it. */
export const ROLES = ['viewer', 'operator', 'admin'] as const

export type Role = (typeof ROLES)[number]

/** The one who asks, and how that is known. */
export interface Caller {
  /** A token's name, an e-mail address, or the name of a service token. */
  name: string
  role: Role
  how: 'host' | 'token' | 'session' | 'cloudflare-access' | 'dev'
}

export function mayAct(role: Role, least: Role): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(least)
}
