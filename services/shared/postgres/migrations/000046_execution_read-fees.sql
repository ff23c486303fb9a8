-- Execution reads the fees in one statement with the positions. The job of an earlier release revokes the rights of all
-- roles and grants those that it knows: without this one, execution could neither show nor record its positions.
GRANT SELECT ON trading.fee_totals TO PUBLIC;
