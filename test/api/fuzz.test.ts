import { env, exports } from 'cloudflare:workers'
import * as fc from 'fast-check'
import { beforeAll, expect, it } from 'vitest'
import { PROBLEM_CODES } from '../../src/api/problem.ts'
import { shopApi } from '../../src/shop/index.ts'
import { seedShop } from '../../src/shop/data/seed.ts'
import { call } from '../support/api.ts'
import { createTables, drain, start } from '../support/drive.ts'
import { HOSTILE_TEXTS, HOSTILE_VALUES } from '../support/hostile.ts'
import { appendSteps } from '../support/jobs.ts'
import {
  checkerOf,
  operationsOf,
  parametersIn,
  valuesOf,
  type ApiDocument,
  type Operation,
} from '../support/openapi.ts'
import { TIMES } from '../support/times.ts'

/** A client that knows the API's document and nothing else, and often does not keep to it. */
const REQUESTS = 300 * TIMES

let document: ApiDocument
/** Of a run that there is, for some of the ids that are sent. */
let known: string

beforeAll(async () => {
  await createTables()
  await seedShop(env.DB, { orders: 5, customers: 2 })
  known = await start(appendSteps, { params: { items: 1 } })
  await drain(known)
  document = (await call('GET', '/openapi.json')).json as unknown as ApiDocument
})

interface Sent {
  operation: Operation
  url: string
  headers: Record<string, string>
  body: string | undefined
}

function requests(operation: Operation): fc.Arbitrary<Sent> {
  const texts = (values: fc.Arbitrary<unknown>) =>
    values.map((value): string => (typeof value === 'string' ? value : JSON.stringify(value)))
  const hostile = fc.constantFrom(...HOSTILE_TEXTS)
  const partsIn = (place: 'path' | 'query' | 'header') =>
    fc.record(
      Object.fromEntries(
        parametersIn(operation, place).map(({ name, schema }) => [
          name,
          fc.oneof(
            { weight: 3, arbitrary: texts(valuesOf(schema, document)) },
            { weight: 2, arbitrary: name === 'id' ? fc.constant(known) : hostile },
            { weight: 1, arbitrary: hostile },
          ),
        ]),
      ),
      place === 'path' ? {} : { requiredKeys: [] },
    )
  return fc
    .tuple(partsIn('path'), partsIn('query'), partsIn('header'), bodies(operation))
    .map(([path, query, header, body]) => {
      const filled = operation.path.replaceAll(/\{(\w+)\}/g, (_match, name: string) =>
        encode(path[name] ?? ''),
      )
      const search = Object.entries(query).map(([name, value]) => `${name}=${encode(value ?? '')}`)
      const headers = Object.entries(header).map(([name, value]) => [name, headerText(value ?? '')])
      const type = Object.keys(operation.requestBody?.content ?? {})[0]
      return {
        operation,
        url: `http://localhost${filled}${search.length > 0 ? `?${search.join('&')}` : ''}`,
        headers: {
          ...Object.fromEntries(headers),
          ...(body !== undefined && { 'content-type': type ?? 'application/json' }),
        },
        body,
      }
    })
}

/** JSON as the schema wants it, with one part of it spoilt, something else, or what is no JSON. */
function bodies({ requestBody }: Operation): fc.Arbitrary<string | undefined> {
  const schema = requestBody?.content['application/json']?.schema
  const hostile = fc.constantFrom(...HOSTILE_VALUES)
  if (!schema) return requestBody ? fc.constantFrom(...HOSTILE_TEXTS) : fc.constant(undefined)
  const valid = valuesOf(schema, document).map(withoutWaiting)
  const spoilt = fc
    .tuple(valid, fc.nat(), hostile)
    .map(([value, at, other]) => {
      const keys = Object.keys(value as object)
      return { ...(value as object), [keys[at % (keys.length || 1)] ?? 'more']: other }
    })
    .map(withoutWaiting)
  return fc.oneof(
    { weight: 4, arbitrary: valid.map((value) => JSON.stringify(value)) },
    { weight: 4, arbitrary: spoilt.map((value) => JSON.stringify(value)) },
    { weight: 1, arbitrary: hostile.map((value) => JSON.stringify(value)) },
    { weight: 1, arbitrary: fc.constantFrom('{"params":', '', '\0', '[1,') },
  )
}

/** To wait for a run is right, and takes 25 s. */
function withoutWaiting(value: unknown): unknown {
  const { wait, ...rest } = value as { wait?: unknown }
  return wait === true || wait === undefined ? rest : value
}

/** Also what is no well-formed text. */
function encode(text: string): string {
  return encodeURIComponent(text.toWellFormed())
}

/** What no client can send in a header is left out. */
function headerText(text: string): string {
  return text.replaceAll(/[^\x20-\x7e\xa1-\xff]/g, '').trim()
}

async function requireSound({ operation, url, headers, body }: Sent): Promise<void> {
  const { method } = operation
  const request = new Request(url, { method, headers, ...(body !== undefined && { body }) })
  const answer = await exports.default.fetch(request)
  const type = answer.headers.get('content-type') ?? ''
  const told = `${method} ${url} ${JSON.stringify(headers)} ${body}`
  expect(answer.status, told).toBeLessThan(500)
  expect(answer.headers.get('x-content-type-options'), told).toBe('nosniff')
  expect(answer.headers.get('set-cookie') ?? '', told).not.toContain('stolen')
  if (!answer.ok) {
    expect(type, told).toBe('application/problem+json')
    const problem = await answer.json<{ code: string; status: number }>()
    expect([...PROBLEM_CODES, ...Object.keys(shopApi.problems ?? {})], told).toContain(problem.code)
    expect(problem.status, told).toBe(answer.status)
    return
  }
  const described = operation.responses[answer.status]
  expect(described, `${told} answered ${answer.status}`).toBeDefined()
  const [, media] =
    Object.entries(described?.content ?? {}).find(([name]) => type.startsWith(name)) ?? []
  if (type.startsWith('application/json')) {
    const value: unknown = await answer.json()
    const { error } = checkerOf(document)(media?.schema ?? {}).safeParse(value)
    expect(error?.issues ?? [], `${told} answered ${JSON.stringify(value)}`).toEqual([])
  } else {
    expect(answer.status === 204 || media !== undefined, `${told} answered ${type}`).toBe(true)
    await answer.body?.cancel()
  }
}

it(
  'whatever it is sent, the API answers as its document says, and refuses by a problem document',
  async () => {
    const operations = operationsOf(document)
    expect(operations.length).toBeGreaterThan(20)
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...operations).chain(requests), requireSound),
      {
        seed: 5,
        numRuns: REQUESTS,
        endOnFailure: true,
      },
    )
  },
  60_000 * TIMES,
)
