-- The seven schemas of trading_ecosystem. Every table is owned by the role that runs the migrations; other roles get just their grants.
CREATE SCHEMA IF NOT EXISTS market_data;
CREATE SCHEMA IF NOT EXISTS exchange;
CREATE SCHEMA IF NOT EXISTS custodian;
CREATE SCHEMA IF NOT EXISTS risk;
CREATE SCHEMA IF NOT EXISTS trading;
CREATE SCHEMA IF NOT EXISTS test_coordination;
CREATE SCHEMA IF NOT EXISTS audit;
