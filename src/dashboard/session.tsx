import { createContext, useContext } from 'hono/jsx/dom'
import type { Session } from './api.ts'

const ROLES = ['viewer', 'operator', 'admin'] as const

/** Who looks at the page. */
export const SessionContext = createContext<Session>({ name: '', role: 'viewer', how: '' })

/** Whether who looks may do what asks for a role; what they may not is not shown. */
export function useMay(): (role: Session['role']) => boolean {
  const session = useContext(SessionContext)
  return (role) => ROLES.indexOf(session.role) >= ROLES.indexOf(role)
}
