-- The shop that the sample jobs work on. No foreign keys: a commit's set-based effects may write the
-- tables in any order, and each would cost a look-up per row.

CREATE TABLE regions (
  name TEXT PRIMARY KEY
) WITHOUT ROWID;

CREATE TABLE customers (
  id INTEGER PRIMARY KEY,
  -- An imported file knows its customers by number only.
  name TEXT,
  email TEXT,
  region TEXT NOT NULL
);

CREATE TABLE orders (
  id INTEGER PRIMARY KEY,
  number TEXT NOT NULL UNIQUE,
  -- NULL: a guest.
  customer_id INTEGER,
  region TEXT NOT NULL,
  placed_at TEXT NOT NULL,
  status TEXT NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'processed', 'failed')),
  failure_reason TEXT CHECK (failure_reason IN ('cancelled', 'non_positive_total')),
  total_cents INTEGER,
  processed_at TEXT,
  CHECK ((status = 'failed') = (failure_reason IS NOT NULL)),
  CHECK ((status = 'processed') = (total_cents IS NOT NULL AND processed_at IS NOT NULL))
);

-- Partial: it is what the jobs walk, and an order leaves it for good with one write.
CREATE INDEX orders_pending ON orders (id) WHERE status = 'pending';

-- The source (a file's name, or 'seed') and the line within it are a line's identity, so importing the
-- same file twice changes nothing.
CREATE TABLE order_lines (
  order_id INTEGER NOT NULL,
  source TEXT NOT NULL,
  line INTEGER NOT NULL,
  stock_code TEXT NOT NULL,
  description TEXT NOT NULL,
  quantity INTEGER NOT NULL,
  -- Prices have up to three decimals, and floats go wrong.
  unit_price_thousandths INTEGER NOT NULL,
  PRIMARY KEY (order_id, source, line)
) WITHOUT ROWID;

CREATE INDEX order_lines_by_source ON order_lines (source);

-- A row for each order that was processed or failed. Nothing here is unique on the order, on purpose:
-- an order handled twice must show.
CREATE TABLE processing_log (
  id INTEGER PRIMARY KEY,
  run_id TEXT NOT NULL,
  order_id INTEGER NOT NULL,
  status TEXT NOT NULL,
  failure_reason TEXT,
  total_cents INTEGER,
  logged_at TEXT NOT NULL
);

CREATE INDEX processing_log_by_run ON processing_log (run_id, order_id);
