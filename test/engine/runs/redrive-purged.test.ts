import { env } from 'cloudflare:workers'
import { beforeAll, expect, it } from 'vitest'
import { defineIteration } from '../../../src/engine/index.ts'
import { closedRuns } from '../../../src/engine/store/d1/purge.ts'
import { createTables, object } from '../../support/drive.ts'
import { append } from '../../support/jobs.ts'
import { redrive, runOf } from '../../support/run-of.ts'

beforeAll(createTables)

it('a re-drive is kept as long as its run, or its items could be done a third time (mutation purge-redrive)', async () => {
  let broken = true
  const job = defineIteration({
    name: 'broken-once',
    skip: {},
    buildEnumerator: ({ cursor, enumerators }) => enumerators.array([1, 2, 3], { cursor }),
    eachIteration(item, { effects, run }) {
      if (broken && item === 2) throw new Error('not yet')
      append(effects, run.id, item)
    },
  })
  const run = await runOf(job)
  await run.drain()
  broken = false
  const { child } = await redrive(job, run)
  await child.drain()
  expect(await child.appended()).toEqual([2])
  const purgeable = () => closedRuns(env.DB, new Date(Date.now() + 1_000).toISOString(), 1_000)
  const before = await purgeable()
  expect(before).toContain(run.id)
  expect(before).not.toContain(child.id)
  expect(await redrive(job, run)).toMatchObject({ created: false, child: { id: child.id } })
  await object(run.id).purge(run.id)
  expect(await purgeable()).toContain(child.id)
})
