declare namespace Cloudflare {
  /** Secrets and variables of who may use the API. See docs/access.md. */
  interface Env {
    /** JSON: `[{ "name": "ci", "role": "operator", "token": "..." or "sha256:HEX" }]`. */
    API_TOKENS?: string
    /** `https://acme.cloudflareaccess.com` */
    ACCESS_TEAM?: string
    /** The audience tag of the Cloudflare Access application. */
    ACCESS_AUD?: string
    /** JSON: e-mail address, name of a service token, or `*` to role. */
    ACCESS_ROLES?: string
    /** `loopback`: whoever asks at a loopback address is admin. Given by `npm run dev`, never deployed. */
    DEV_ACCESS?: string
  }
}
