-- What one unit of each valued asset was last worth, in the currency of the row. It stands in while a book is silent,
-- or after a pair is delisted. Of the revision that wrote it only: a release before this column leaves it as it is.
ALTER TABLE risk.equity ADD COLUMN rates jsonb NOT NULL DEFAULT '{}';
ALTER TABLE risk.equity ADD COLUMN rates_revision bigint NOT NULL DEFAULT 0;
