/** What Dogear needs in a `cloudflare.config.ts`. That is code, so a person puts it there. */
export function codeConfigSnippet(): string {
  return `// in exports:
JobRun: exports.durableObject({ storage: 'sqlite' }),
// in triggers:
// If that tick is yours already: another one, as in createDogear({ cron: '*/1 * * * *' }).
triggers.scheduled({ schedule: '* * * * *' }),
triggers.queue({ name: 'WORKER-dogear', maxBatchSize: 10, maxBatchTimeout: 0 }),
// in env:
DB: bindings.d1({ name: 'WORKER' }),
DOGEAR_RUNS: bindings.durableObject({ worker: 'WORKER', exportName: 'JobRun' }),
DOGEAR_QUEUE: bindings.queue({ name: 'WORKER-dogear' }),
DOGEAR_VERSION: bindings.versionMetadata(),`
}
