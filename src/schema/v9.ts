/** Version 9: a run may be worked in several lanes at once. */
export const LANES: readonly string[] = [
  // The lanes that the run's walk was cut into; 0 where it was not cut.
  `ALTER TABLE dogear_lanes ADD COLUMN lanes INTEGER NOT NULL DEFAULT 0`,
  // A lane begins after the first item and ends with the last; NULL: at the start, and with no end.
  `ALTER TABLE dogear_lanes ADD COLUMN first_cursor TEXT`,
  `ALTER TABLE dogear_lanes ADD COLUMN last_cursor TEXT`,

  // Code from before there were lanes would walk on beyond the end of its lane. It cannot take one over: its
  // tokens have no prefix.
  `CREATE TRIGGER dogear_lanes_of_newer_code BEFORE UPDATE OF token ON dogear_lanes
  WHEN OLD.lanes > 0 AND NEW.token IS NOT NULL AND NEW.token NOT LIKE 'lane-%' BEGIN
    SELECT RAISE(ABORT, 'this run is worked in lanes, which this code does not know; expected newer code');
  END`,
]
