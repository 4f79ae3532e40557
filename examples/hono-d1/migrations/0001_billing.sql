CREATE TABLE customers (
  id INTEGER PRIMARY KEY,
  company TEXT NOT NULL,
  email TEXT NOT NULL,
  country TEXT NOT NULL DEFAULT 'DE'
);

-- The company's own runs: each month's invoices are written in one.
CREATE TABLE runs (
  id INTEGER PRIMARY KEY,
  month TEXT NOT NULL UNIQUE,
  written_at TEXT NOT NULL
);

CREATE TABLE invoices (
  id INTEGER PRIMARY KEY,
  number TEXT NOT NULL UNIQUE,
  customer_id INTEGER NOT NULL REFERENCES customers (id),
  run_id INTEGER REFERENCES runs (id),
  net_cents INTEGER NOT NULL,
  vat_cents INTEGER,
  -- How often a VAT was written: more than once would be a mistake.
  vat_writes INTEGER NOT NULL DEFAULT 0,
  status TEXT NOT NULL DEFAULT 'open',
  due_on TEXT NOT NULL,
  reminded_at TEXT
);

CREATE TABLE mail_log (
  id INTEGER PRIMARY KEY,
  invoice_id INTEGER NOT NULL,
  kind TEXT NOT NULL,
  sent_at TEXT NOT NULL
);
