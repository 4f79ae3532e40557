-- Who has changed what through the API: a row per request, written before it is done.
CREATE TABLE audit (
  id INTEGER PRIMARY KEY,
  at TEXT NOT NULL,
  actor TEXT NOT NULL,
  role TEXT NOT NULL,
  how TEXT NOT NULL,
  -- The route, and what was asked of it, without params.
  action TEXT NOT NULL,
  run TEXT,
  detail TEXT NOT NULL,
  -- Of the answer; NULL until there is one.
  status INTEGER
);

CREATE INDEX audit_by_time ON audit (at);
CREATE INDEX audit_by_actor ON audit (actor, id);
CREATE INDEX audit_by_run ON audit (run, id) WHERE run IS NOT NULL;

-- One of two parts of the key that signs sessions; the other is the digest of the session's token.
CREATE TABLE session_secret (
  only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
  secret BLOB NOT NULL
);
