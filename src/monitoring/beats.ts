/**
 * Signs of life of what nobody hears of otherwise. `tick`: the cron rang. `message`: a message of the queue was taken;
 * noted at most once in 30 s by each isolate. `canary`: the message of a `doctor` has come through the queue.
 */
export type Beat = 'tick' | 'message' | 'canary'

/** The later one stands. */
export async function noteBeat(db: D1Database, beat: Beat, now: number): Promise<void> {
  await db
    .prepare(
      `INSERT INTO dogear_beats (name, at) VALUES (?1, ?2)
       ON CONFLICT (name) DO UPDATE SET at = max(at, excluded.at)`,
    )
    .bind(beat, new Date(now).toISOString())
    .run()
}

/** Milliseconds since the epoch; null for never. */
export async function lastBeat(db: D1Database, beat: Beat): Promise<number | null> {
  const at = await db
    .prepare('SELECT at FROM dogear_beats WHERE name = ?')
    .bind(beat)
    .first<string>('at')
  return at === null ? null : Date.parse(at)
}
