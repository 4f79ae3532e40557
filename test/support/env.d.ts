declare namespace Cloudflare {
  interface Env {
    /** D1's migrations, read by vitest.config.ts. */
    MIGRATIONS: import('cloudflare:test').D1Migration[]
    SCHEMA: string[]
    /** Objects whose code a test changes, see `object-code.ts`. */
    RUNS_OF_ANY_CODE: Env['RUNS']
    /** Answers with the modules that tests load, see `warm-modules.ts`. */
    WARM_MODULES: Fetcher
    /** The schedule that `survivesHostility` is to replay. */
    HOSTILE_SEED: string
    /** How many times as much is tried as in a plain `npm test`, see `times.ts`. */
    TEST_TIMES: string
    /** Secrets of the library, which it reads where a Worker has them. */
    WEBHOOKS?: string
    API_TOKENS?: string
    ACCESS_TEAM?: string
    ACCESS_AUD?: string
    ACCESS_ROLES?: string
    DEV_ACCESS?: string
  }
}

/** The text of a file. */
declare module '*?raw' {
  const text: string
  export default text
}
