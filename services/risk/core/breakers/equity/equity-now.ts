import type { Decimal } from '../../../../shared/domain/decimal.ts';
import type { Equity } from './equity.ts';

/** What the record after an equity follows from. */
export interface EquityNow {
  /** Of the same account as the record. */
  readonly valued: Equity;
  /** Booked transfers of the stack so far, by asset. */
  readonly transfers: ReadonlyMap<string, Decimal>;
  /** Fees of the stack so far, by asset. */
  readonly fees: ReadonlyMap<string, Decimal>;
  /** UTC milliseconds. */
  readonly nowMs: number;
  /** Whether no fresh price is about to come: until then no day begins and no peak rises. Default: it is so. */
  readonly hasSettled?: boolean;
}
