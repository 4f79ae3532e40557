-- By what a skipped item is known again where its cursor names a place, and another item may have come
-- there: a digest. Null where the cursor alone says which item it is.
ALTER TABLE skips ADD COLUMN item TEXT;
