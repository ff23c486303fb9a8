-- Execution reads the fees in one statement with the positions. The job of an earlier release revokes the rights of all
-- roles and grants those that it knows: without this one, execution could neither show nor record its positions.
GRANT SELECT ON trading.fee_totals TO PUBLIC;
-- The rights of the catalogue as of 45 and 46, so that jobs of releases before know a newer one.
-- Grants: 0204a73f189cdaa0
