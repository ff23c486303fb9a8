-- When execution cleared the letter by itself, because the thing was processed or is over: the same time as cleared_at
-- then. Any other cleared_at is a person's, and keeps the letter cleared. Null: it never did so, or an earlier release.
ALTER TABLE trading.dead_letters ADD COLUMN processed_at timestamptz;
