import { z } from 'zod'
import { defineIteration } from '../src/engine/index.ts'

/** Items that wait on HTTP: so many requests at once, if the engine lets them be made at once. */
const asking = (together: { concurrency: number }) =>
  defineIteration({
    name: `bench-http-${together.concurrency}`,
    params: z.object({ items: z.number(), url: z.url() }),
    // Of an engine that does not know it, it changes nothing.
    ...together,
    buildEnumerator: ({ cursor, params, enumerators }) =>
      enumerators.array(
        Array.from({ length: params.items }, (_, item) => item),
        { cursor },
      ),
    async eachIteration(item, { params }) {
      const response = await fetch(`${params.url}?item=${item}`)
      await response.body?.cancel()
    },
  })

export const httpJobs = [asking({ concurrency: 1 }), asking({ concurrency: 6 })]
