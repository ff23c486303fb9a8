import { assetsOf } from '../../shared/domain/instrument.ts';

/** Tables and views that the account is read from. */
export type AccountTable =
  | 'trading.trading_states'
  | 'trading.sender_canaries'
  | 'trading.positions'
  | 'risk.cancel_requests'
  | 'trading.orders'
  | 'trading.balances'
  | 'trading.transfers'
  | 'trading.fee_totals'
  | 'trading.venue_health'
  | 'risk.decisions'
  | 'risk.stances'
  | 'risk.stops'
  | 'risk.equity'
  | 'risk.breakers'
  | 'risk.breaker_resets';

/**
 * A row of the account that this release cannot read: written by hand, or by another release. It stops the entries that
 * it concerns, and nothing else: those of its instrument, those with one of its assets, or all if it has neither or
 * hides exposure, which all instruments share.
 */
export interface UnreadAccountRow {
  readonly table: AccountTable;
  /** Names the row within its table. */
  readonly key: string;
  readonly strategy: string | undefined;
  readonly symbol: string | undefined;
  readonly assets: readonly string[];
  /** A position or an order may be larger than what was read of it, so that the exposure is unknown. */
  readonly hidesExposure: boolean;
  /** For people: which field, and what is wrong with it. */
  readonly problem: string;
}

/** Returns the first row that keeps an instrument from entries. */
export function rowAgainstEntry(unread: readonly UnreadAccountRow[], symbol: string): UnreadAccountRow | undefined {
  if (unread.length === 0) return undefined;
  const { base, quote } = assetsOf(symbol);
  return unread.find(
    (row) => isOfAll(row) || row.symbol === symbol || row.assets.includes(base) || row.assets.includes(quote),
  );
}

/** Whether a row may hide that something of an instrument is held, or that an order of it lives. */
export function hidesHolding(unread: readonly UnreadAccountRow[], symbol?: string): boolean {
  return unread.some(
    (row) => HOLDINGS.has(row.table) && (symbol === undefined || row.symbol === undefined || row.symbol === symbol),
  );
}

/** Returns a row without which the account cannot be valued. */
export function rowOfEquity(
  unread: readonly UnreadAccountRow[],
  assets: readonly string[],
): UnreadAccountRow | undefined {
  return unread.find(
    (row) =>
      EQUITY.has(row.table) ||
      (row.table === 'trading.balances' && (isOfAll(row) || row.assets.some((asset) => assets.includes(asset)))),
  );
}

/** For people: which row, and why it cannot be read. */
export function textOfRow({ table, key, problem }: UnreadAccountRow): string {
  return `${table} ${key}: ${problem}`.slice(0, 300);
}

const HOLDINGS: ReadonlySet<AccountTable> = new Set(['trading.positions', 'trading.orders', 'risk.decisions']);
const EQUITY: ReadonlySet<AccountTable> = new Set(['risk.equity', 'trading.transfers', 'trading.fee_totals']);

function isOfAll({ symbol, assets, hidesExposure }: UnreadAccountRow): boolean {
  return hidesExposure || (symbol === undefined && assets.length === 0);
}
