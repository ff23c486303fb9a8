-- Fees that the baselines of loss and drawdown contain, by asset. Only a fee since then in an asset without a price
-- makes the equity unknown. A release before this column leaves it as it is.
ALTER TABLE risk.equity ADD COLUMN fees jsonb NOT NULL DEFAULT '{}';
