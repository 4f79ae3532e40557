import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { importOrders } from '../../src/shop/jobs/import-orders.ts'
import { IMPORT_COLUMNS } from '../../src/shop/imports/import.ts'
import { FaultyBucket } from '../../src/testing/index.ts'
import { removeOldUploads } from '../../src/shop/imports/old-uploads.ts'
import { cleanShop } from '../../src/shop/data/reset.ts'
import { uploadImport } from '../../src/shop/imports/upload.ts'
import { runObjects } from '../../src/engine/runs/index.ts'
import { deliver, drain, object, start, view } from '../support/drive.ts'
import { failedChecks } from '../support/proof.ts'

const ROW = '1,A,a lantern,2,2010-12-01 08:26:00,1.25,17850,France'
const DAY_MS = 86_400_000

const upload = (rows: readonly string[] = [ROW]) =>
  uploadImport(
    env.FILES,
    'file.csv',
    new Blob([[IMPORT_COLUMNS.join(), ...rows].join('\n')]).stream(),
  )
const keys = async () =>
  (await env.FILES.list({ prefix: 'imports/' })).objects.map(({ key }) => key)
const tomorrow = () => Date.now() + DAY_MS + 60_000

beforeEach(async () => {
  await cleanShop(env.DB, env.FILES)
})

describe('S3 an uploaded file', () => {
  it('of a cancelled import stays for a day, in which it may be taken up again', async () => {
    const params = await upload()
    const id = await start(importOrders, { params })
    await deliver(id, { wallMs: 0 })
    await runObjects(env)(id).command('cancel', {})
    expect(await drain(id)).toMatchObject({ status: 'cancelled' })
    expect(await removeOldUploads(env.DB, env.FILES, Date.now())).toBe(0)
    expect(await removeOldUploads(env.DB, env.FILES, tomorrow())).toBe(1)
    expect(await keys()).toEqual([])
  })

  it('stays while a run may be verified, forked or tried again, and not when it is purged', async () => {
    const params = await upload()
    const id = await start(importOrders, { params })
    const done = await drain(id)
    expect(await removeOldUploads(env.DB, env.FILES, tomorrow())).toBe(0)
    expect(await failedChecks(done.id)).toEqual([])
    await object(id).purge(id)
    expect(await removeOldUploads(env.DB, env.FILES, tomorrow())).toBe(1)
    expect(await keys()).toEqual([])
  })

  it('stays when its import has failed, for a retry', async () => {
    const params = await upload()
    const id = await start(importOrders, { params })
    const FILES = new FaultyBucket(env.FILES, ({ method }) =>
      method === 'get' ? 'truncated' : undefined,
    ).binding
    expect(await drain(id, { env: { ...env, FILES } })).toMatchObject({ status: 'failed' })
    expect(await removeOldUploads(env.DB, env.FILES, tomorrow())).toBe(0)
    await runObjects(env)(id).command('retry', {})
    expect(await drain(id)).toMatchObject({ status: 'completed', progress: { done: 1 } })
  })

  it('that never got a run is removed after a day, and not before', async () => {
    await upload()
    expect(await removeOldUploads(env.DB, env.FILES, Date.now())).toBe(0)
    expect(await removeOldUploads(env.DB, env.FILES, tomorrow())).toBe(1)
    expect(await keys()).toEqual([])
  })
})

it('a run whose file is gone says so', async () => {
  const params = await upload()
  const id = await start(importOrders, { params })
  await env.FILES.delete(params.file)
  await drain(id)
  expect((await view(id)).error).toMatchObject({
    code: 'invalid_enumerator',
    message: expect.stringContaining('found no file'),
  })
})

it('F12 what is stored is what was checked: a file replaced between the passes is noticed', async () => {
  const params = await upload()
  const id = await start(importOrders, { params })
  while ((await view(id)).completedSteps.length === 0) await deliver(id, { wallMs: 0 })
  await env.FILES.put(params.file, [IMPORT_COLUMNS.join(), ROW, ROW].join('\n'))
  expect(await drain(id)).toMatchObject({ status: 'failed', error: { code: 'invalid_enumerator' } })
  expect(await env.DB.prepare('SELECT count(*) FROM order_lines').first('count(*)')).toBe(0)
})
