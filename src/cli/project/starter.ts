import { readdirSync } from 'node:fs'
import { basename } from 'node:path'
import { entryFile, jobsFile } from './files.ts'
import { hasDogear, wranglerFolder } from './host-tools.ts'
import type { InitPlan } from './init.ts'
import { mergeJsonc } from './merge-jsonc.ts'
import { FIRST_STEPS } from './next-steps.ts'
import { planWiring } from './wiring.ts'
import { TICK } from './worker-config.ts'

/** What `npm i dogear` leaves in an empty folder, and what says nothing about a Worker. */
const NOTHING =
  /^(?:\..*|node_modules|package\.json|package-lock\.json|pnpm-.*\.yaml|yarn\.lock|bun\.lockb?|README.*|LICENSE.*)$/

/** True for a folder with no code in it. */
export function isBare(folder: string): boolean {
  return readdirSync(folder).every((file) => NOTHING.test(file))
}

/** A Worker with Dogear in it, for a folder that has none. */
export function planStarter(folder: string, queue = true): InitPlan {
  const name = workerNameFor(folder)
  const wiring = { db: 'DB', named: {}, queue, cron: TICK, fallbackName: name }
  const { names, patch } = planWiring({ name }, wiring)
  const created = (file: string, after: string) => ({ file, before: '', after })
  return {
    changes: [
      created('wrangler.jsonc', mergeJsonc(bareConfig(name), patch)),
      created('src/index.ts', entryFile()),
      created('src/jobs.ts', jobsFile(names)),
    ],
    paste: undefined,
    entry: undefined,
    next: FIRST_STEPS,
    notes: [
      ...(hasDogear(folder) ? [] : ['Dogear is no package of this project yet: npm i dogear']),
      ...(wranglerFolder(folder)
        ? []
        : ['For the types and a fixed version of wrangler: npm i -D wrangler typescript']),
    ],
  }
}

function bareConfig(name: string): string {
  return `{
  "$schema": "node_modules/wrangler/config-schema.json",
  "name": "${name}",
  "main": "src/index.ts",
  "compatibility_date": "2026-11-01",
  "observability": { "enabled": true }
}
`
}

/** As Cloudflare takes it: lower case letters, digits and dashes. */
function workerNameFor(folder: string): string {
  const name = basename(folder)
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
  return name.replaceAll(/^-+|-+$/g, '').slice(0, 50) || 'jobs'
}
