import { defineIteration } from 'dogear'
import { createDogear } from 'dogear/worker'

/**
 * Counts to 1,000. Stop the Worker in the middle and start it again: the run goes on where its last commit was.
 * A job of your own: npx dogear new my-job --iteration
 */
export const hello = defineIteration({
  name: 'hello',
  unit: 'number',
  commit: { everyItems: 50 },
  buildEnumerator: ({ cursor, enumerators }) => enumerators.times(1_000, { cursor }),
  async eachIteration() {
    await scheduler.wait(5)
  },
})

export const jobs = createDogear({ jobs: [hello] })
