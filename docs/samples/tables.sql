-- The tables that the samples work on, beside those of the engine.
CREATE TABLE IF NOT EXISTS goods (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL DEFAULT '',
  store_id INTEGER NOT NULL DEFAULT 1,
  price_cents INTEGER NOT NULL,
  status TEXT NOT NULL DEFAULT 'active'
);

CREATE TABLE IF NOT EXISTS shops (
  id INTEGER PRIMARY KEY,
  region TEXT NOT NULL,
  total_cents INTEGER NOT NULL DEFAULT 0
);

CREATE TABLE IF NOT EXISTS members (
  id INTEGER PRIMARY KEY,
  email TEXT NOT NULL
);

CREATE TABLE IF NOT EXISTS letters (
  id INTEGER PRIMARY KEY,
  run_id TEXT NOT NULL,
  user_id INTEGER NOT NULL,
  template TEXT NOT NULL
);

CREATE TABLE IF NOT EXISTS payments (
  user_id INTEGER NOT NULL,
  reference TEXT NOT NULL
);
