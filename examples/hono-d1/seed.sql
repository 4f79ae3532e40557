-- Customers of three countries, and 5,000 invoices that are due.
INSERT INTO customers (id, company, email, country) VALUES
  (1, 'Birch & Sons', 'birch@example.com', 'DE'),
  (2, 'Tannhof', 'tannhof@example.com', 'AT'),
  (3, 'Le Cerisier', 'cerisier@example.com', 'FR');

INSERT INTO runs (month, written_at) VALUES ('2026-11', '2026-11-30');

INSERT INTO invoices (id, number, customer_id, net_cents, due_on)
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)
SELECT i, 'R-' || i, 1 + i % 3, 1000 + i, '2026-01-01' FROM n;
