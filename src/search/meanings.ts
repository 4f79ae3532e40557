import type { RunLabel } from '../engine/store/d1/run-filter.ts'
import { LEAST_PART, spellingsOf, type Word } from './words.ts'

/** What a word has been found to mean: a run fits it when it fits one of these. */
export interface Meaning {
  jobs: readonly string[]
  labels: readonly RunLabel[]
  /** Codes or names of errors. */
  errors: readonly string[]
  /** Groups of errors. */
  groups: readonly GroupMeant[]
  idStart?: string
}

/** All runs of a group, or those whose own message has that text: what differs within a group is not in its template. */
export interface GroupMeant {
  id: string
  text: string | null
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

/** Of more groups the ones that occurred last. */
const GROUPS_LOOKED_AT = 2_000
const MOST_GROUPS = 100

/** Groups that have the word for all of their runs, and, for ?2, those of which a run may have it. */
const GROUPS = `
  SELECT DISTINCT recent.id, iif(instr(known, typed.value) > 0, NULL, typed.value) AS text
  FROM (SELECT id, template, lower(error || ' ' || template) AS known
    FROM dogear_error_groups INDEXED BY dogear_error_groups_by_time
    ORDER BY last_at DESC, id DESC LIMIT ${GROUPS_LOOKED_AT}) AS recent
  CROSS JOIN json_each(?1) AS typed
  WHERE instr(known, typed.value) > 0 OR (?2 AND (instr(template, '<n>') OR instr(template, '<id>')
    OR instr(template, '<time>') OR instr(template, '<email>')))
  LIMIT ${MOST_GROUPS}`

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
  const [jobs, errors, ...found] = await db.batch([
    db.prepare(JOBS),
    db.prepare(ERRORS),
    ...words.flatMap((word) => [groupStatement(db, word), idStatement(db, word)]),
    ...asked.flat(),
  ])
  const texts = { jobs: textsIn(jobs), errors: textsIn(errors) }
  const labels = found.slice(2 * words.length).values()
  return words.map((word, index) =>
    withoutMessages({
      ...textMeaning(word, texts),
      groups: (found[2 * index]?.results ?? []) as GroupMeant[],
      ...(found[2 * index + 1]?.results.length === 1 && { idStart: word.text }),
      // A label as it is written is found also when no part of it is indexed.
      labels: [
        ...(word.label ? [word.label] : []),
        ...(asked[index] ?? []).flatMap(() => (labels.next().value?.results ?? []) as RunLabel[]),
      ],
    }),
  )
}

/**
 * Messages are looked through one by one, and not all at once: what an index knows would have to wait for them. So
 * they count for a word that is found nowhere else.
 */
function withoutMessages(meaning: Meaning): Meaning {
  const { jobs, labels, errors, groups, idStart } = meaning
  const whole = groups.filter(({ text }) => text === null)
  const isKnown = [jobs, labels, errors, whole].some((found) => found.length > 0)
  return isKnown || idStart !== undefined ? { ...meaning, groups: whole } : meaning
}

/** Whether a run's id begins so. */
function idStatement(db: D1Database, { idStart }: Word): D1PreparedStatement {
  return db
    .prepare('SELECT 1 FROM dogear_runs WHERE id >= ?1 AND id < ?2 LIMIT 1')
    .bind(idStart ?? null, `${idStart ?? ''}g`)
}

/** What varies within a group has a digit, or is an address. */
function groupStatement(db: D1Database, { text, spellings }: Word): D1PreparedStatement {
  const known = text.length < LEAST_PART ? [] : spellings
  return db.prepare(GROUPS).bind(JSON.stringify(known), /[\d@]/.test(text) ? 1 : 0)
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

function textsIn(answer: D1Result | undefined): string[] {
  return ((answer?.results ?? []) as { text: string }[]).map(({ text }) => text)
}

/** A short word is in too many texts: it means the jobs that begin so. */
function textMeaning(
  { text }: Word,
  { jobs, errors }: { jobs: readonly string[]; errors: readonly string[] },
): Pick<Meaning, 'jobs' | 'errors'> {
  const short = text.length < LEAST_PART
  const fits = (known: string) =>
    short ? known.toLowerCase().startsWith(text) : known.toLowerCase().includes(text)
  return {
    jobs: jobs.filter(fits),
    errors: short ? [] : errors.filter(fits),
  }
}
