/** Version 2: signs of life. */
export const BEATS: readonly string[] = [
  // When the tick of the cron, and a message of `dogear doctor`, were last handled.
  `CREATE TABLE dogear_beats (
    name TEXT PRIMARY KEY,
    at TEXT NOT NULL
  ) WITHOUT ROWID`,
]
