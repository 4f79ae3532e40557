-- Which raise holds the lane. A seq comes again when D1 is put back to an earlier time, and a commit that was on
-- its way then would fit it; a token never comes again. NULL: raised by the run's object, or by older code.
ALTER TABLE lanes ADD COLUMN token TEXT;
