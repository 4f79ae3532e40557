/** What the tests' configuration adds to the Worker's bindings. */
declare namespace Cloudflare {
  interface Env {
    MIGRATIONS?: import('cloudflare:test').D1Migration[]
  }
}
