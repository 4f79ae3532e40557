import type { Role } from '../caller.ts'

/** Whoever asks, as the host knows them. */
export interface HostCaller {
  /** For the audit trail: a name, an e-mail address. */
  name: string
  role: Role
}

/**
 * The host's own word on who asks. Null: it does not know them; tokens and Cloudflare Access may. A `Response` is
 * answered as it is, to whoever asks for the page or the API: a redirect to the host's login, say.
 */
export type Authorize = (
  request: Request,
  env: Cloudflare.Env,
) => HostCaller | Response | null | Promise<HostCaller | Response | null>
