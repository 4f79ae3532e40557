import { z } from 'zod'
import type { VerifyContext } from 'dogear'

const Range = z.object({ last: z.number().nullable() }).optional()

/** The last row of a run's range, as one of these steps has fixed it; null when none has. */
export function lastOf(
  { result }: Pick<VerifyContext<unknown>, 'result'>,
  ...steps: string[]
): number | null {
  const ranges = steps.map((step) => Range.parse(result(step)))
  return ranges.find((range) => range !== undefined)?.last ?? null
}
