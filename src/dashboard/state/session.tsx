import { createContext, useContext } from 'hono/jsx/dom'
import type { Session } from './api.ts'

export type Role = Session['role']

const ROLES: readonly Role[] = ['viewer', 'operator', 'admin']

/** The role of who looks at the page. */
export const RoleContext = createContext<Role>('viewer')

/** Tests whether who looks may do what asks for a role; what they may not do is not shown. */
export function useMay(): (role: Role) => boolean {
  const mine = useContext(RoleContext)
  return (role) => ROLES.indexOf(mine) >= ROLES.indexOf(role)
}
