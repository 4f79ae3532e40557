import { createRoute, z } from '@hono/zod-openapi'
import { ProblemError, router } from 'dogear/api'
import { json, problems, RunSchema } from 'dogear/api/schemas'
import { runObjects, startRun } from 'dogear/runs'
import { cleanShop, resetShop } from '../data/reset.ts'
import { seedShop } from '../data/seed.ts'
import { SeedOptions } from '../data/seed-options.ts'
import { takeSnapshot } from '../data/snapshot.ts'
import { importOrders } from '../jobs/import-orders.ts'
import { removeOldUploads } from '../imports/old-uploads.ts'
import { uploadImport } from '../imports/upload.ts'
import { SnapshotSchema } from './schemas.ts'

const answer = { responses: { 200: json(SnapshotSchema, 'The shop as it is then'), ...problems } }

const snapshot = createRoute({
  method: 'get',
  path: '/snapshot',
  summary: 'Counts of the shop',
  ...answer,
})

const seed = createRoute({
  method: 'post',
  path: '/seed',
  summary: 'Replace what the shop holds by generated customers and orders',
  request: { body: { content: { 'application/json': { schema: SeedOptions } } } },
  ...answer,
})

const reset = createRoute({
  method: 'post',
  path: '/reset',
  summary: 'Make every order pending again, remove what jobs have left behind',
  ...answer,
})

const clean = createRoute({
  method: 'post',
  path: '/clean',
  summary: 'Remove all data of the shop',
  ...answer,
})

const upload = createRoute({
  method: 'put',
  path: '/imports/{name}',
  summary: 'Upload a CSV file, gzipped or not, and start its import',
  request: {
    params: z.object({ name: z.string() }),
    body: {
      content: { 'text/csv': { schema: z.string() }, 'application/gzip': { schema: z.string() } },
    },
  },
  responses: { 202: json(RunSchema, 'The run that imports the file'), ...problems },
})

export function shopRoutes() {
  const app = router()

  app.openapi(snapshot, async (c) => c.json(await takeSnapshot(c.env.DB), 200))

  app.openapi(seed, async (c) => {
    await seedShop(c.env.DB, c.req.valid('json') ?? {})
    return c.json(await takeSnapshot(c.env.DB), 200)
  })

  app.openapi(reset, async (c) => {
    await resetShop(c.env.DB)
    return c.json(await takeSnapshot(c.env.DB), 200)
  })

  app.openapi(clean, async (c) => {
    await cleanShop(c.env.DB, c.env.FILES)
    return c.json(await takeSnapshot(c.env.DB), 200)
  })

  app.openapi(upload, async (c) => {
    await removeOldUploads(c.env.DB, c.env.FILES, Date.now())
    const params = await uploadImport(c.env.FILES, c.req.valid('param').name, c.req.raw.body)
    const created = await startRun(runObjects(c.env), importOrders, { params })
    if (!created.ok) throw new ProblemError(created.code, 'An import with this id exists already')
    return c.json(created.run, 202)
  })

  return app
}
