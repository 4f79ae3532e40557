import { check, type Check } from '../check.ts'
import type { Origin } from '../drive/run-record.ts'
import { lineageOf } from '../store/d1/lineage.ts'
import { laneEnds, ledgered, linkOf } from '../store/d1/proof-queries.ts'
import { lanesBeyondEnd } from './lane-ends.ts'

/**
 * Proves from the ledger that a run's commits follow each other: within each step, every commit begins
 * at the cursor where the one before it ended, and together they hold as many items as the run counts.
 * Works in SQL, so its cost does not depend on memory.
 *
 * The ledger of a fork opens with what it was given, and its commits must go on from there. Then the
 * ledgers of its origins, each up to the commit that counts, must come to exactly that.
 */
export async function verifyLedger(db: D1Database, run: string): Promise<Check[]> {
  const [own, ...origins] = await lineageOf(db, run)
  return [...(await verifyOwn(db, own)), ...(await verifyOrigins(db, own, origins))]
}

async function verifyOwn(db: D1Database, run: Origin): Promise<Check[]> {
  const { breaks, gaps, unfinished, items, skips, commits, counted } = await ledgered(db, run)
  return [
    check('Ledger ranges tile the run with no gap or overlap', 0, breaks),
    check('Ledger holds every item of the run', counted.done, items),
    check('Ledger holds every commit of the run', counted.commits, commits),
    check('Every item that was passed over is listed', counted.skipped, skips),
    ...(gaps === null ? [] : await verifyLanes(db, run, { gaps, unfinished })),
  ]
}

async function verifyLanes(
  db: D1Database,
  { run }: Origin,
  { gaps, unfinished }: { gaps: number; unfinished: number },
): Promise<Check[]> {
  return [
    check('Lanes tile the walk with no gap or overlap', 0, gaps),
    check('Every lane has come to its end', 0, unfinished),
    check('No lane has gone beyond its end', [], lanesBeyondEnd(await laneEnds(db, run))),
  ]
}

/** Each run of the lineage must begin where the one before it stood at the commit in question. */
async function verifyOrigins(
  db: D1Database,
  own: Origin,
  origins: readonly Origin[],
): Promise<Check[]> {
  const checks: Check[] = []
  let fork = own
  for (const origin of origins) {
    // Nothing was taken over from a run's beginning.
    if (origin.seq === 0) break
    const link = await linkOf(db, origin, fork.run)
    if (link?.stood == null) {
      // Not for a run to be blamed for: its own part is proved without it.
      checks.push(
        check(
          `The ledger of its origin ${origin.run} is gone: only what came after is proved`,
          0,
          0,
        ),
      )
      break
    }
    const { stood, begun, breaks } = link
    checks.push(
      check(
        `Goes on exactly where run ${origin.run} stood after commit ${origin.seq}`,
        stood,
        begun,
      ),
      check(`Ledger ranges of run ${origin.run} tile its part with no gap or overlap`, 0, breaks),
    )
    fork = origin
  }
  return checks
}
