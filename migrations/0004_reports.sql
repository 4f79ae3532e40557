-- Reports by customer and by region, and what they walk.

-- Which of its customer's orders it is, from 1 in the order in which they come in; NULL for a guest.
-- A number that people can name, and one that later orders leave as it is.
ALTER TABLE orders ADD COLUMN customer_order INTEGER;

UPDATE orders SET customer_order = numbered.customer_order
FROM (
  SELECT id, row_number() OVER (PARTITION BY customer_id ORDER BY id) AS customer_order
  FROM orders WHERE customer_id IS NOT NULL
) AS numbered
WHERE orders.id = numbered.id;

CREATE UNIQUE INDEX orders_by_customer ON orders (customer_id, customer_order)
  WHERE customer_id IS NOT NULL;

-- By a trigger, because orders come in by seed, by import and by hand.
CREATE TRIGGER number_customer_order AFTER INSERT ON orders WHEN new.customer_id IS NOT NULL
BEGIN
  UPDATE orders SET customer_order = 1 + coalesce(
    (SELECT max(customer_order) FROM orders WHERE customer_id = new.customer_id), 0
  )
  WHERE id = new.id;
END;

-- A row for each customer that a run has reported on. Nothing here is unique, on purpose: a report
-- written twice must show.
CREATE TABLE customer_reports (
  id INTEGER PRIMARY KEY,
  run_id TEXT NOT NULL,
  customer_id INTEGER NOT NULL,
  orders INTEGER NOT NULL,
  processed_orders INTEGER NOT NULL,
  total_cents INTEGER NOT NULL,
  -- NULL for a customer without orders.
  first_order_at TEXT,
  last_order_at TEXT,
  reported_at TEXT NOT NULL
);

CREATE INDEX customer_reports_by_run ON customer_reports (run_id, customer_id);

-- Regions are numbered from 1 in the order in which they come in.
ALTER TABLE regions ADD COLUMN number INTEGER;

UPDATE regions SET number = numbered.number
FROM (SELECT name, row_number() OVER (ORDER BY name) AS number FROM regions) AS numbered
WHERE regions.name = numbered.name;

CREATE UNIQUE INDEX regions_by_number ON regions (number);

CREATE TRIGGER number_region AFTER INSERT ON regions
BEGIN
  UPDATE regions SET number = 1 + coalesce((SELECT max(number) FROM regions), 0)
  WHERE name = new.name;
END;

-- Numbered from 1 within its region.
CREATE TABLE stores (
  region INTEGER NOT NULL,
  number INTEGER NOT NULL,
  name TEXT NOT NULL,
  PRIMARY KEY (region, number)
) WITHOUT ROWID;

-- A product as one store sells it, numbered from 1 within the store.
CREATE TABLE products (
  region INTEGER NOT NULL,
  store INTEGER NOT NULL,
  number INTEGER NOT NULL,
  name TEXT NOT NULL,
  sold INTEGER NOT NULL,
  unit_price_thousandths INTEGER NOT NULL,
  PRIMARY KEY (region, store, number)
) WITHOUT ROWID;

-- What a run has summed up: a row for each store, one for each region (store NULL) and one for the whole
-- (region NULL). Again nothing is unique.
CREATE TABLE regional_summaries (
  id INTEGER PRIMARY KEY,
  run_id TEXT NOT NULL,
  region INTEGER,
  store INTEGER,
  products INTEGER NOT NULL,
  sold INTEGER NOT NULL,
  revenue_cents INTEGER NOT NULL,
  summarized_at TEXT NOT NULL
);

CREATE INDEX regional_summaries_by_run ON regional_summaries (run_id, region, store);
