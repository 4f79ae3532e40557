import { env } from 'cloudflare:workers'
import { expect, it } from 'vitest'
import { exploreCrashes, testBench } from '../../src/testing/index.ts'
import { createTables } from '../support/drive.ts'
import { appendSteps } from '../support/jobs.ts'

it('A bench leaves the bindings that all tests of an isolate share what they are', async () => {
  await createTables()
  const kinds = () => Object.entries(env).map(([name, value]) => [name, kindOf(value)])
  const before = kinds()
  await testBench().runInline(appendSteps, { items: 2 })
  await exploreCrashes(appendSteps, { params: { items: 2 }, then: () => null })
  // A queue of the kit's own looks at whose message it gets.
  expect(kinds()).toEqual(before.map(([name, kind]) => [name, name === 'QUEUE' ? 'Object' : kind]))
})

const kindOf = (value: unknown) => (value as object).constructor.name
