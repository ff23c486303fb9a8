import { formatDecimal, type Decimal } from '../../shared/domain/decimal.ts';
import { tradeKeyOf } from '../../shared/domain/orders/fill.ts';
import type { Observation } from './observation.ts';

/**
 * Row: an order's row that cannot be read. Order: an observation of an order other than a fill, an adopted order whose
 * decision is lost, or a trade by hand (`manual:<id>`) that cannot be booked. Releases before this one can read these
 * kinds only.
 */
export type DeadLetterKind = 'Fill' | 'Order' | 'Row' | 'Approval';

/** Something that could not be processed. It is set apart, so that everything else goes on. */
export interface DeadLetter {
  readonly kind: DeadLetterKind;
  /** Unique within its kind and stack. */
  readonly id: string;
  readonly symbol: string;
  /** JSON. */
  readonly payload: string;
  readonly problem: string;
}

const PROBLEM_MAX = 1_000;
const PAYLOAD_MAX = 20_000;

/**
 * Returns the kind and the ID under which an observation is set apart, or has been. `symbol`: that of the order, where
 * the fill may name another one.
 */
export function deadLetterKey(
  clientOrderId: string,
  observation: Observation,
  symbol?: string,
): Pick<DeadLetter, 'kind' | 'id'> {
  if (observation.kind !== 'FillSeen') return { kind: 'Order', id: `${clientOrderId} ${observation.kind}` };
  const { fill } = observation;
  return { kind: 'Fill', id: `${symbol ?? fill.symbol} ${tradeKeyOf(fill)}` };
}

const MANUAL_TRADE = 'manual:';

/** Returns the kind and the ID under which a trade by hand is set apart. */
export function manualTradeKey(id: string): Pick<DeadLetter, 'kind' | 'id'> {
  return { kind: 'Order', id: `${MANUAL_TRADE}${id}` };
}

/** Returns the ID of the trade by hand that a letter is about; undefined when it is about something else. */
export function manualTradeOf({ kind, id }: Pick<DeadLetter, 'kind' | 'id'>): string | undefined {
  return kind === 'Order' && id.startsWith(MANUAL_TRADE) ? id.slice(MANUAL_TRADE.length) : undefined;
}

/** Returns a letter. A payload that is too long is cut, and stored as text. */
export function deadLetter(
  { kind, id }: Pick<DeadLetter, 'kind' | 'id'>,
  { symbol, payload, error }: { readonly symbol: string; readonly payload: unknown; readonly error: unknown },
): DeadLetter {
  const problem = error instanceof Error ? error.message : String(error);
  const json = jsonOf(payload);
  return {
    kind,
    id,
    symbol,
    payload: json.length <= PAYLOAD_MAX ? json : JSON.stringify(json.slice(0, PAYLOAD_MAX)),
    problem: problem.slice(0, PROBLEM_MAX),
  };
}

/** Decimals are written as the rest of the project writes them. */
function jsonOf(payload: unknown): string {
  return JSON.stringify(payload ?? null, (_key, value: unknown) => {
    if (typeof value === 'bigint') return formatDecimal(value as Decimal);
    return value instanceof Set ? [...value] : value;
  });
}
