-- The stops that apply to the position, as of the last look at it: those of its strategy while the spec has it. They
-- protect the position after the strategy was removed from the spec, until it is closed. Null: none, and for a position
-- that no release with this column has seen under its strategy, unknown. No stop is made up for those. A release before
-- this column leaves it as it is.
ALTER TABLE risk.stops ADD COLUMN rules jsonb CHECK (jsonb_typeof(rules) = 'object' AND octet_length(rules::text) <= 500);
