import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { applyMigrations } from '../../src/cli/local/local-migrations.ts'
import { wranglerSays } from '../../src/cli/local/wrangler.ts'

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dogear-e2e-migrations-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

it('A new local database has had every migration, as wrangler sees it', async () => {
  await applyMigrations({ persistTo: folder })
  expect(existsSync(join(folder, 'v3/d1'))).toBe(true)
  const { code, output } = await wranglerSays([
    'd1',
    'migrations',
    'list',
    'DB',
    '--local',
    '--persist-to',
    folder,
  ])
  expect({ code, output }).toEqual({
    code: 0,
    output: expect.stringContaining('No migrations to apply'),
  })
  // Nor does a second time change anything.
  await applyMigrations({ persistTo: folder })
})
