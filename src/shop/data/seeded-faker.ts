import type { Faker } from '@faker-js/faker'

/** Gives the same names and figures for the same seed. Loaded on demand: it is two megabytes. */
export async function seededFaker(seed: number): Promise<Faker> {
  const { en, Faker } = await import('@faker-js/faker')
  const faker = new Faker({ locale: [en] })
  faker.seed(seed)
  return faker
}
