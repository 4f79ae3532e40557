-- What an order's lines add up to, derived once all lines of its file are stored: an order's lines may
-- be far apart in a file.
CREATE TABLE order_sums (
  order_id INTEGER PRIMARY KEY,
  lines INTEGER NOT NULL,
  units INTEGER NOT NULL,
  -- Each line rounded to whole cents by itself.
  amount_cents INTEGER NOT NULL
);

-- The products of the catalog API, each at the newest version that was met.
CREATE TABLE catalog_products (
  sku TEXT PRIMARY KEY,
  version INTEGER NOT NULL,
  name TEXT NOT NULL,
  price_cents INTEGER NOT NULL,
  run_id TEXT NOT NULL
) WITHOUT ROWID;

-- A row for each product that a run has met. Nothing here is unique, on purpose: a product handled
-- twice, or a version written twice, must show.
CREATE TABLE catalog_log (
  id INTEGER PRIMARY KEY,
  run_id TEXT NOT NULL,
  sku TEXT NOT NULL,
  version INTEGER NOT NULL,
  outcome TEXT NOT NULL CHECK (outcome IN ('created', 'updated', 'unchanged')),
  logged_at TEXT NOT NULL
);

CREATE INDEX catalog_log_by_run ON catalog_log (run_id, sku);
CREATE INDEX catalog_log_by_product ON catalog_log (sku, version) WHERE outcome <> 'unchanged';

-- A row for each customer that a run has had scored. Nothing here is unique, on purpose: a customer
-- scored twice must show.
CREATE TABLE credit_checks (
  id INTEGER PRIMARY KEY,
  run_id TEXT NOT NULL,
  customer_id INTEGER NOT NULL,
  score INTEGER NOT NULL,
  checked_at TEXT NOT NULL
);

CREATE INDEX credit_checks_by_run ON credit_checks (run_id, customer_id);

-- The credit bureau is a stand-in for a service elsewhere, and this is its memory: how often it broke
-- down at a customer. Jobs do not write it through their effects.
CREATE TABLE credit_breakdowns (
  run_id TEXT NOT NULL,
  customer_id INTEGER NOT NULL,
  times INTEGER NOT NULL,
  PRIMARY KEY (run_id, customer_id)
) WITHOUT ROWID;
