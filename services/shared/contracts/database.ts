/** The one database and its schemas. The role that runs the migrations owns every table. */
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
