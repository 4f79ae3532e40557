import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ROOT } from '../../scripts/package/faces.ts'
import { createHost, type HostFolder } from './support/host.ts'
import { CONFIG, FACES, JOBS, TESTS, WORKER } from './support/samples.ts'

const BINDINGS = `declare namespace Cloudflare {
  interface Env {
    DB: D1Database
    DOGEAR_QUEUE: Queue
    DOGEAR_RUNS: DurableObjectNamespace<import('dogear/worker').JobRun>
  }
}
`

/** Names that the Worker does not have, or that are of another kind. A line that is no error fails the compiler, too. */
const WRONG_NAMES = `import { createDogear } from 'dogear/worker'

export const right = createDogear({ jobs: [], db: 'DB', runs: 'DOGEAR_RUNS', queue: 'DOGEAR_QUEUE' })
// @ts-expect-error no binding has this name
createDogear({ jobs: [], db: 'BD' })
// @ts-expect-error a queue is no database
createDogear({ jobs: [], db: 'DOGEAR_QUEUE' })
// @ts-expect-error a database has no objects
createDogear({ jobs: [], runs: 'DB' })
// @ts-expect-error a database is no queue
createDogear({ jobs: [], queue: 'DB' })
// @ts-expect-error there is no version_metadata
createDogear({ jobs: [], version: 'DOGEAR_VERSION' })
`

/** Everything that a compiler can be strict about. Declarations of packages are checked, too. */
const STRICTEST = {
  compilerOptions: {
    target: 'es2024',
    lib: ['esnext'],
    module: 'esnext',
    moduleResolution: 'bundler',
    types: ['@cloudflare/workers-types'],
    noEmit: true,
    strict: true,
    skipLibCheck: false,
    isolatedModules: true,
    verbatimModuleSyntax: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    noUncheckedSideEffectImports: true,
    noPropertyAccessFromIndexSignature: true,
    noImplicitOverride: true,
    noImplicitReturns: true,
    noFallthroughCasesInSwitch: true,
    noUnusedLocals: true,
    noUnusedParameters: true,
    allowUnreachableCode: false,
    allowUnusedLabels: false,
  },
  include: ['src', 'env.d.ts'],
}

/** As `npm create cloudflare` writes it, with the types that `wrangler types` makes. */
const CREATE_CLOUDFLARE = {
  compilerOptions: {
    target: 'es2024',
    lib: ['es2024'],
    jsx: 'react-jsx',
    module: 'es2022',
    moduleResolution: 'Bundler',
    resolveJsonModule: true,
    allowJs: true,
    checkJs: false,
    noEmit: true,
    isolatedModules: true,
    allowSyntheticDefaultImports: true,
    forceConsistentCasingInFileNames: true,
    strict: true,
    skipLibCheck: true,
    types: ['./worker-configuration.d.ts'],
  },
  exclude: ['test'],
  include: ['worker-configuration.d.ts', 'src/**/*.ts'],
}

const TESTING = {
  ...STRICTEST,
  compilerOptions: {
    ...STRICTEST.compilerOptions,
    types: ['@cloudflare/workers-types', '@cloudflare/vitest-plugin/types'],
  },
  include: ['test', 'env.d.ts'],
}

let host: HostFolder
let older: string

beforeAll(async () => {
  host = await createHost({
    'env.d.ts': BINDINGS,
    'src/jobs.ts': JOBS,
    'src/index.ts': WORKER,
    'src/faces.ts': FACES,
    'src/names.ts': WRONG_NAMES,
    'test/faces.ts': TESTS,
    'wrangler.json': CONFIG,
    'strictest.json': JSON.stringify(STRICTEST),
    'create-cloudflare.json': JSON.stringify(CREATE_CLOUDFLARE),
    'testing.json': JSON.stringify(TESTING),
  })
  host.run('wrangler/bin/wrangler.js', 'types')
  older = mkdtempSync(join(tmpdir(), 'dogear-typescript-'))
  execFileSync(
    'npm',
    ['i', '--prefix', older, '--prefer-offline', '--no-audit', '--no-fund', 'typescript@5.9.3'],
    {
      stdio: 'ignore',
      env: { ...process.env, NODE_EXTRA_CA_CERTS: process.env['INSTALL_CA_CERTS'] },
    },
  )
})
afterAll(() => {
  host?.remove()
  if (older) rmSync(older, { recursive: true, force: true })
})

const compilers: [name: string, tsc: () => string][] = [
  ['TypeScript 7', () => join(ROOT, 'node_modules/typescript/bin/tsc')],
  ['TypeScript 5.9', () => join(older, 'node_modules/typescript/bin/tsc')],
]

describe.each(compilers)('%s', (_name, tsc) => {
  it.each(['strictest', 'create-cloudflare', 'testing'])(
    'finds nothing wrong in a host but the names of bindings that it lacks: %s',
    (config) => {
      expect(existsSync(tsc())).toBe(true)
      expect(host.run(tsc(), '-p', `${config}.json`)).toBe('')
    },
  )
})
