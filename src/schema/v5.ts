/** How far a text of a label is indexed from each of its characters on; what is sought by more is compared whole. */
const INDEXED_LENGTH = 48

/** Values of one label name that are found by any of their parts; those after them by their beginning. */
const WHOLE_VALUES = 1_000

/** Labels of before this version that it looks through, so that it takes a moment only. */
const EARLIER_LABELS = 2_000

/** The places where a part of a value may begin: a value has 100 characters at most, and a part at least 3. */
const PLACES = `json_each('${JSON.stringify(Array.from({ length: 98 }, (_, index) => index + 1))}')`

/** The parts of a value: all that follows a place in it, in lower case. */
const part = (value: string, place: string): string =>
  `substr(lower(${value}), ${place}, ${INDEXED_LENGTH})`

/** The statement before it has left a row for each part of NEW, and not only one for the whole. */
const HAS_PARTS = (row: string): string =>
  `EXISTS (SELECT 1 FROM dogear_label_parts WHERE part = ${part(`${row}.value`, '2')}
      AND name = ${row}.name AND value = ${row}.value)`

/**
 * Version 5: runs are found by parts of their labels, and counted by the hour of their creation.
 *
 * No FTS5: a database with virtual tables cannot be exported by `wrangler d1 export`, and it belongs to somebody else.
 * These are plain tables. What is indexed are the distinct labels, and not the runs: a label that is there already
 * costs a run one row read and none written.
 */
export const SEARCH: readonly string[] = [
  `CREATE TABLE dogear_label_parts (
    -- What follows a place in the value, in lower case.
    part TEXT NOT NULL,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (part, name, value)
  ) WITHOUT ROWID`,

  // How many values of a name have all of their parts in the index.
  `CREATE TABLE dogear_label_names (
    name TEXT PRIMARY KEY,
    indexed INTEGER NOT NULL
  ) WITHOUT ROWID`,

  `CREATE TRIGGER dogear_run_labels_index AFTER INSERT ON dogear_run_labels
  WHEN length(NEW.value) > 2 AND NOT EXISTS (SELECT 1 FROM dogear_label_parts
    WHERE part = ${part('NEW.value', '1')} AND name = NEW.name AND value = NEW.value) BEGIN
    INSERT OR IGNORE INTO dogear_label_parts (part, name, value)
    SELECT ${part('NEW.value', 'place.value')}, NEW.name, NEW.value FROM ${PLACES} AS place
    WHERE place.value <= length(NEW.value) - 2 AND (place.value = 1
      OR coalesce((SELECT indexed FROM dogear_label_names WHERE name = NEW.name), 0) < ${WHOLE_VALUES});

    INSERT INTO dogear_label_names (name, indexed)
    SELECT NEW.name, 1 WHERE length(NEW.value) > 3 AND ${HAS_PARTS('NEW')}
    ON CONFLICT (name) DO UPDATE SET indexed = indexed + 1;
  END`,

  // The last run with this label is purged.
  `CREATE TRIGGER dogear_run_labels_forget AFTER DELETE ON dogear_run_labels
  WHEN NOT EXISTS (SELECT 1 FROM dogear_run_labels WHERE name = OLD.name AND value = OLD.value) BEGIN
    UPDATE dogear_label_names SET indexed = indexed - 1
    WHERE name = OLD.name AND length(OLD.value) > 3 AND ${HAS_PARTS('OLD')};

    DELETE FROM dogear_label_parts WHERE name = OLD.name AND value = OLD.value
      AND part IN (SELECT ${part('OLD.value', 'place.value')} FROM ${PLACES} AS place
        WHERE place.value <= length(OLD.value) - 2);
  END`,

  // From label to label, not from run to run.
  `INSERT INTO dogear_label_parts (part, name, value)
  WITH RECURSIVE labels (label) AS (
    SELECT (SELECT json_array(name, value) FROM dogear_run_labels ORDER BY name, value LIMIT 1)
    UNION ALL
    SELECT (SELECT json_array(name, value) FROM dogear_run_labels
      WHERE (name, value) > (label ->> 0, label ->> 1) ORDER BY name, value LIMIT 1)
    FROM labels WHERE label IS NOT NULL LIMIT ${EARLIER_LABELS})
  SELECT DISTINCT ${part('label ->> 1', 'place.value')}, label ->> 0, label ->> 1
  FROM labels CROSS JOIN ${PLACES} AS place WHERE place.value <= length(label ->> 1) - 2`,

  `INSERT INTO dogear_label_names (name, indexed)
  SELECT name, count(DISTINCT value) FROM dogear_label_parts WHERE length(value) > 3 GROUP BY name`,

  // Runs that have ended, by the hour of their creation. Those under way are few enough to be counted.
  `CREATE TABLE dogear_run_hours (
    -- 2026-12-24T18
    hour TEXT NOT NULL,
    job TEXT NOT NULL,
    status TEXT NOT NULL,
    runs INTEGER NOT NULL,
    PRIMARY KEY (hour, job, status)
  ) WITHOUT ROWID`,

  `CREATE TRIGGER dogear_run_hours_new AFTER INSERT ON dogear_runs WHEN NEW.status <> 'active' BEGIN
    INSERT INTO dogear_run_hours (hour, job, status, runs)
    VALUES (substr(NEW.created_at, 1, 13), NEW.job, NEW.status, 1)
    ON CONFLICT (hour, job, status) DO UPDATE SET runs = runs + 1;
  END`,

  `CREATE TRIGGER dogear_run_hours_changed AFTER UPDATE OF status ON dogear_runs
  WHEN OLD.status <> NEW.status BEGIN
    UPDATE dogear_run_hours SET runs = runs - 1
    WHERE hour = substr(OLD.created_at, 1, 13) AND job = OLD.job AND status = OLD.status;
    INSERT INTO dogear_run_hours (hour, job, status, runs)
    SELECT substr(NEW.created_at, 1, 13), NEW.job, NEW.status, 1 WHERE NEW.status <> 'active'
    ON CONFLICT (hour, job, status) DO UPDATE SET runs = runs + 1;
  END`,

  `CREATE TRIGGER dogear_run_hours_gone AFTER DELETE ON dogear_runs WHEN OLD.status <> 'active' BEGIN
    UPDATE dogear_run_hours SET runs = runs - 1
    WHERE hour = substr(OLD.created_at, 1, 13) AND job = OLD.job AND status = OLD.status;
    DELETE FROM dogear_run_hours
    WHERE hour = substr(OLD.created_at, 1, 13) AND job = OLD.job AND runs < 1;
  END`,

  `INSERT INTO dogear_run_hours (hour, job, status, runs)
  SELECT substr(runs.created_at, 1, 13), known.job, known.status, count(*)
  FROM dogear_run_counts AS known
  CROSS JOIN dogear_runs AS runs INDEXED BY dogear_runs_by_job_status
    ON runs.job = known.job AND runs.shown_status = known.status
  WHERE known.status IN ('completed', 'failed', 'cancelled') GROUP BY 1, 2, 3`,
]
