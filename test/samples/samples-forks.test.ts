import { beforeAll, expect, it } from 'vitest'
import { forkBefore } from '../../docs/samples/forks.ts'
import { clientOf } from '../support/client.ts'
import { appended, createTables, drain, start } from '../support/drive.ts'
import { appendSteps } from '../support/jobs.ts'

// The sample of docs/guide/forks.md.
beforeAll(createTables)

it('goes on from before a time, once', async () => {
  const client = clientOf()
  const run = await start(appendSteps, { params: { items: 4 }, commit: { everyItems: 1 } })
  await drain(run)
  const { commits } = await client.ledger(run)
  const [, , , fourth] = commits.filter(({ items }) => items > 0).toReversed()
  const fork = await forkBefore(client, run, fourth?.at ?? '', { items: 4 })
  expect((await forkBefore(client, run, fourth?.at ?? '', { items: 4 })).id).toBe(fork.id)
  await drain(fork.id)
  // Commits may fall into one millisecond.
  expect(await appended(fork.id)).toContain(4)
  await expect(forkBefore(client, run, '2000-01-01T00:00:00.000Z')).rejects.toThrow('no commit')
})
