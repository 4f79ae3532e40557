-- Runs by status.
SELECT shown_status, count(*) AS runs FROM dogear_runs GROUP BY shown_status;

-- What nobody has moved for ten minutes: the sweep pokes these, and a person may look why.
SELECT runs.id, runs.job, runs.shown_status, lanes.touched_at
FROM dogear_runs AS runs JOIN dogear_lanes AS lanes ON lanes.run_id = runs.id
WHERE runs.closed_at IS NULL AND lanes.touched_at < strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '-10 minutes')
ORDER BY lanes.touched_at;

-- How old the last checkpoint of each run under way is, in seconds: checkpoint health.
SELECT runs.id, runs.job, lanes.commits, lanes.done,
  round((julianday('now') - julianday(lanes.touched_at)) * 86400) AS checkpoint_age
FROM dogear_runs AS runs JOIN dogear_lanes AS lanes ON lanes.run_id = runs.id
WHERE runs.status = 'active';

-- Speed of one run, minute by minute.
SELECT strftime('%H:%M', at) AS minute, sum(items) AS items, count(*) AS commits
FROM dogear_ledger WHERE run_id = ? GROUP BY minute ORDER BY minute;
