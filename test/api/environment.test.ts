import { beforeAll, describe, expect, it } from 'vitest'
import { environmentOf } from '../../src/api/environment.ts'
import { API_TOKENS, deployed } from '../support/access.ts'
import { createTables } from '../support/drive.ts'

beforeAll(createTables)

describe('The environment of a Worker', () => {
  it.each([
    ['production', undefined, 'red'],
    ['prod-eu', undefined, 'red'],
    ['Staging', undefined, 'amber'],
    ['local', undefined, 'green'],
    ['acme', undefined, 'blue'],
    ['production', 'violet', 'violet'],
    ['production', 'pink', 'red'],
  ])('%s, coloured %s, is shown in %s', (name, given, color) => {
    const env = { DOGEAR_ENVIRONMENT: name, ...(given && { DOGEAR_ENVIRONMENT_COLOR: given }) }
    expect(environmentOf(env)).toEqual({ name, color })
  })

  it('is none where its variable is not set, or empty', () => {
    expect(environmentOf({})).toBeUndefined()
    expect(environmentOf({ DOGEAR_ENVIRONMENT: ' ' })).toBeUndefined()
  })

  it('is said to whoever asks who they are, and to nobody else', async () => {
    const { ask } = deployed({ API_TOKENS, DOGEAR_ENVIRONMENT: 'staging' })
    const answer = await ask('GET', '/api/session', { as: 'viewer' })
    expect(answer.json).toMatchObject({
      role: 'viewer',
      environment: { name: 'staging', color: 'amber' },
    })
    const refused = await ask('GET', '/api/session')
    expect(refused.status).toBe(401)
    expect(JSON.stringify(refused.json)).not.toContain('staging')
  })
})
