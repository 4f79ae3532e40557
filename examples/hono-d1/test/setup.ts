import { applyD1Migrations } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { applyDogear } from 'dogear/testing'

await applyD1Migrations(env.BILLING_DB, env.MIGRATIONS ?? [])
await applyDogear(env.BILLING_DB)
