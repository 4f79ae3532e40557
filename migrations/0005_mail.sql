-- Mails to be sent. A row is an effect of the commit that asks for the mail, so it is there exactly
-- once; a sender then hands it to a provider at least once, under a key that stays the same. Nothing
-- here is unique on purpose: a mail that was queued twice must show.
CREATE TABLE outbox (
  id INTEGER PRIMARY KEY,
  -- What a provider knows the mail by: the run that queued it, and for whom.
  key TEXT NOT NULL,
  run_id TEXT NOT NULL,
  -- NULL: to somebody who is no customer.
  customer_id INTEGER,
  recipient TEXT NOT NULL,
  template TEXT NOT NULL,
  subject TEXT NOT NULL,
  body TEXT NOT NULL,
  status TEXT NOT NULL DEFAULT 'queued' CHECK (status IN ('queued', 'sent', 'bounced')),
  -- How often an answer has come: it was sent, or it bounced.
  attempts INTEGER NOT NULL DEFAULT 0,
  -- Who took it, and what it is called there.
  provider TEXT,
  provider_id TEXT,
  bounce_reason TEXT,
  queued_at TEXT NOT NULL,
  settled_at TEXT,
  CHECK ((status = 'queued') = (settled_at IS NULL)),
  CHECK (status <> 'sent' OR (provider IS NOT NULL AND provider_id IS NOT NULL))
);

CREATE INDEX outbox_by_run ON outbox (run_id);

-- The provider that comes with the shop. As real ones do, it takes a key twice and keeps one mail.
CREATE TABLE mailbox (
  id INTEGER PRIMARY KEY,
  key TEXT NOT NULL UNIQUE,
  recipient TEXT NOT NULL,
  subject TEXT NOT NULL,
  body TEXT NOT NULL,
  -- How often it was handed over.
  calls INTEGER NOT NULL DEFAULT 1,
  received_at TEXT NOT NULL
);

CREATE INDEX mailbox_by_recipient ON mailbox (recipient, id);

-- What the jobs that follow a mail have counted; as the outbox, without a unique constraint.
CREATE TABLE mail_metrics (
  id INTEGER PRIMARY KEY,
  run_id TEXT NOT NULL,
  name TEXT NOT NULL,
  -- The customer or the campaign (a run) it is about.
  subject TEXT NOT NULL,
  value INTEGER NOT NULL,
  recorded_at TEXT NOT NULL
);
