import { en, Faker } from '@faker-js/faker'

/** Gives the same names and figures for the same seed. To be loaded on demand: it is two megabytes. */
export function seededFaker(seed: number): Faker {
  const faker = new Faker({ locale: [en] })
  faker.seed(seed)
  return faker
}
