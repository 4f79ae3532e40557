-- What a failed run is found by: the code of its error, or its name where it has no code.
ALTER TABLE runs ADD COLUMN error_key TEXT
  GENERATED ALWAYS AS (coalesce(error ->> '$.code', error ->> '$.name')) VIRTUAL;

CREATE INDEX runs_by_error ON runs (error_key, created_at DESC, id DESC)
  WHERE error_key IS NOT NULL;
CREATE INDEX runs_by_error_job ON runs (error_key, job, created_at DESC, id DESC)
  WHERE error_key IS NOT NULL;

-- The beginning of an id finds its runs in the order of lists, without sorting.
CREATE INDEX runs_by_id_start ON runs (substr(id, 1, 4), created_at DESC, id DESC);
