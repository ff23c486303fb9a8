-- What one unit of each valued asset was last worth, in the currency of the row. It stands in while a book is silent,
-- or after a pair is delisted.
ALTER TABLE risk.equity ADD COLUMN rates jsonb NOT NULL DEFAULT '{}';
