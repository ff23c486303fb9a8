/** What is deleted after `historyDays`. Orders, fills, the ledger and transfers are kept. */
export const HISTORY = [
  'decisions',
  'order_events',
  'signals',
  'portfolio_snapshots',
  'halts',
  'quarantine',
  'dead_letters',
] as const;
export type HistoryTable = (typeof HISTORY)[number];
