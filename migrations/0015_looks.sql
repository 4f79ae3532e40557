-- A person has paused the run or holds it: nobody need drive it, and the sweep seldom looks at it.
CREATE INDEX runs_open_driven ON runs (looked_at) WHERE closed_at IS NULL
  AND (status = 'active' AND (phase = 'paused' OR coalesce(driving ->> '$.held', 0))) = 0;
CREATE INDEX runs_open_resting ON runs (looked_at) WHERE closed_at IS NULL
  AND (status = 'active' AND (phase = 'paused' OR coalesce(driving ->> '$.held', 0))) = 1;

-- Its two halves have taken its place.
DROP INDEX runs_open;

-- A run that had ended and was not closed for long is, at last. What else is told of a run that has ended
-- is told of what it did.
CREATE TRIGGER runs_tell_closed AFTER UPDATE OF closed_at ON runs
WHEN OLD.closed_at IS NULL AND NEW.closed_at IS NOT NULL BEGIN
  UPDATE alerts SET holds = 0, cleared_at = coalesce(cleared_at, NEW.closed_at)
  WHERE run_id = NEW.id AND kind = 'stalled' AND holds = 1;
END;
