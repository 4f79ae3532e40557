import { env } from 'cloudflare:workers'
import { applyDogear } from 'dogear/testing'

await applyDogear(env.DB)
