/** The one database, and its schemas; each table of them belongs to the role that runs the migrations. */
export const DATABASE = 'trading_ecosystem';

export const DATABASE_SCHEMAS = [
  'market_data',
  'exchange',
  'custodian',
  'risk',
  'trading',
  'test_coordination',
  'audit',
] as const;
