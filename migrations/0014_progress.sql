-- Commits that took the run further: a finished step or item, a moved cursor, a changed attribute. Attempts
-- are counted from the last of them; a commit of effects alone is none.
ALTER TABLE lanes ADD COLUMN progress INTEGER NOT NULL DEFAULT 0;
