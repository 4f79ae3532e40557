import type { RunLabel } from '../engine/store/d1/run-filter.ts'
import { LEAST_PART, spellingsOf, type Word } from './words.ts'

/** What a word has been found to mean: a run fits it when it fits one of these. */
export interface Meaning {
  jobs: readonly string[]
  labels: readonly RunLabel[]
  /** Codes or names of errors. */
  errors: readonly string[]
  idStart?: string
}

/** Labels that one word finds; of more the first ones. Each is a place to look for runs. */
const MOST_LABELS = 200
const MOST_ERRORS = 1_000
/** The index has no longer parts; what is sought by more is compared whole. */
const INDEXED_LENGTH = 48
/** Comes after all that a text can go on with. */
const END = 'char(1114111)'

const JOBS = `SELECT job AS text FROM dogear_run_counts GROUP BY job HAVING sum(runs) > 0`

/** From error to error, not from run to run. */
const ERRORS = `
  WITH RECURSIVE errors (text) AS (
    SELECT (SELECT min(error_key) FROM dogear_runs INDEXED BY dogear_runs_by_error
      WHERE error_key IS NOT NULL)
    UNION ALL
    SELECT (SELECT min(error_key) FROM dogear_runs INDEXED BY dogear_runs_by_error
      WHERE error_key > text)
    FROM errors WHERE text IS NOT NULL LIMIT ${MOST_ERRORS})
  SELECT text FROM errors WHERE text IS NOT NULL`

/** Where the word is a part of the value. */
const IN_LABELS = `
  SELECT DISTINCT label.name, label.value FROM json_each(?1) AS typed
  CROSS JOIN dogear_label_parts AS label ON label.part >= substr(typed.value, 1, ${INDEXED_LENGTH})
    AND label.part < substr(typed.value, 1, ${INDEXED_LENGTH}) || ${END}
  WHERE instr(lower(label.value), typed.value) > 0`

/** Where the value begins so, and the name ends so. */
const NAMED = `${IN_LABELS}
  AND instr(lower(label.value), typed.value) = 1 AND substr(label.name, -length(?2)) = ?2`

/** Looks all words up in one go. What they mean are texts, of which there are few however many runs there are. */
export async function meaningsOf(db: D1Database, words: readonly Word[]): Promise<Meaning[]> {
  const asked = words.map((word) => labelStatements(db, word))
  const [jobs, errors, ...labels] = await db.batch<{ text: string } & RunLabel>([
    db.prepare(JOBS),
    db.prepare(ERRORS),
    ...asked.flat(),
  ])
  const texts = { jobs: textsIn(jobs), errors: textsIn(errors) }
  const answers = labels.values()
  return words.map((word, index) => {
    const found = (asked[index] ?? []).flatMap(() => answers.next().value?.results ?? [])
    return meaningOf(word, texts, found)
  })
}

function labelStatements(db: D1Database, { text, spellings, label }: Word): D1PreparedStatement[] {
  const value = label?.value ?? ''
  return [
    ...(text.length < LEAST_PART
      ? []
      : [db.prepare(`${IN_LABELS} LIMIT ${MOST_LABELS}`).bind(JSON.stringify(spellings))]),
    ...(label === undefined || value.length < LEAST_PART
      ? []
      : [
          db
            .prepare(`${NAMED} LIMIT ${MOST_LABELS}`)
            .bind(JSON.stringify(spellingsOf(value)), label.name),
        ]),
  ]
}

function textsIn(answer: D1Result<{ text: string }> | undefined): string[] {
  return (answer?.results ?? []).map(({ text }) => text)
}

/** A short word is in too many texts: it means the jobs that begin so. */
function meaningOf(
  { text, label, idStart }: Word,
  { jobs, errors }: { jobs: readonly string[]; errors: readonly string[] },
  labels: readonly RunLabel[],
): Meaning {
  const short = text.length < LEAST_PART
  const fits = (known: string) =>
    short ? known.toLowerCase().startsWith(text) : known.toLowerCase().includes(text)
  return {
    jobs: jobs.filter(fits),
    // A label as it is written is found also when no part of it is indexed.
    labels: [...(label ? [label] : []), ...labels],
    errors: short ? [] : errors.filter(fits),
    ...(idStart !== undefined && { idStart }),
  }
}
