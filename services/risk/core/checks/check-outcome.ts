import type { BreakerCode } from '../../../shared/domain/breaker.ts';
import { formatDecimal, type Decimal } from '../../../shared/domain/decimal.ts';

/** Closed list: codes are stored with decisions and are labels of a metric. */
export type RefusalCode =
  | BreakerCode
  | 'EquityUnknown'
  | 'VenueUnknown'
  | 'Halted'
  | 'Reducing'
  | 'Flattening'
  | 'StrategyNotKnown'
  | 'InstrumentNotKnown'
  | 'FeedStale'
  | 'CollarUnknown'
  | 'RateUnknown'
  | 'NotComputable'
  | 'RowUnreadable'
  | 'OrderTypeNotListed'
  | 'OutsideCollar'
  | 'BetweenSteps'
  | 'BelowMinimum'
  | 'AboveMaximum'
  | 'NotionalTooLarge'
  | 'TooManyOrdersPerSecond'
  | 'TooManyOpenOrders'
  | 'PositionTooLarge'
  | 'ExposureTooLarge'
  | 'BalanceUnknown'
  | 'InsufficientFunds'
  | 'UnknownOrders'
  | 'SelfTrade'
  | 'ExitFirst'
  | 'CanaryCap'
  | 'OutsideCanaryInstruments';

/** Values that a check compared, as text or number; stored with the decision. */
export type Inputs = Readonly<Record<string, string | number | boolean | null>>;

/** Result of one check. */
export interface CheckOutcome {
  /** Undefined: passed. */
  readonly refusal?: { readonly code: RefusalCode; readonly detail: string } | undefined;
  readonly inputs: Inputs;
}

/** Builds the outcome of a check that failed. */
export function refuse(code: RefusalCode, detail: string, inputs: Inputs): CheckOutcome {
  return { refusal: { code, detail }, inputs };
}

/** Formats a decimal for inputs and details. Null when undefined. */
export function text(value: Decimal | undefined): string | null {
  return value === undefined ? null : formatDecimal(value);
}
