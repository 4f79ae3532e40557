import { Validator } from '@seriousme/openapi-schema-validator'
import { expect, it } from 'vitest'
import { api } from '../../src/api/index.ts'
import { Registry } from '../../src/engine/job/registry.ts'
import { shopJobs } from '../../src/shop/jobs/index.ts'
import { shopApi } from '../../src/shop/api/index.ts'

it('the API describes itself in valid OpenAPI 3.1', async () => {
  const answer = await api(new Registry(shopJobs), {}, shopApi).request(
    'http://localhost/openapi.json',
    {},
    { DEV_ACCESS: 'loopback', API_LIMIT: { limit: () => Promise.resolve({ success: true }) } },
  )
  expect(answer.status).toBe(200)
  const document = await answer.json<Record<string, unknown>>()
  const validator = new Validator()
  expect(await validator.validate(document)).toEqual({ valid: true })
  expect(validator.version).toBe('3.1')
})
