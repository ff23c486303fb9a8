import { isDecimal, parseDecimal, type Decimal } from '../../../shared/domain/decimal.ts';
import { VENUE_ORDER_TYPES, type PlaceOrder } from '../../core/events.ts';
import { BAD_SYMBOL, missing, TYPE_NOT_ALLOWED, type VenueRefusal } from '../../core/venue-refusal.ts';
import type { ListedPairs } from '../../core/listed-pairs.ts';
import type { SignedParameters } from './signed-request.ts';

export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly refusal: VenueRefusal };

/**
 * Parses the parameters of POST /api/v3/order (API document, "New Order"). `symbols` maps the venue's symbols to
 * canonical ones.
 */
export function parseOrder(
  { account, parameters, timestamp, recvWindowMs }: SignedParameters,
  symbols: Pick<ListedPairs, 'get'>,
  receivedAt: number,
): Parsed<PlaceOrder> {
  const symbol = parseSymbol(parameters, symbols);
  if (!symbol.ok) return symbol;
  const side = parameters.get('side')?.toLowerCase();
  if (side !== 'buy' && side !== 'sell') return refused(missing('side'));
  const type = VENUE_ORDER_TYPES.find((known) => known === parameters.get('type'));
  if (type === undefined) return refused(parameters.has('type') ? TYPE_NOT_ALLOWED : missing('type'));
  const amounts = parseAmounts(parameters);
  if (!amounts.ok) return amounts;
  return {
    ok: true,
    value: {
      kind: 'place',
      account,
      clientOrderId: parameters.get('newClientOrderId') ?? undefined,
      symbol: symbol.value,
      side,
      type,
      ...amounts.value,
      request: { time: timestamp, recvWindowMs, receivedAt },
    },
  };
}

/** Parses the parameter `symbol` into a canonical symbol. */
export function parseSymbol(parameters: URLSearchParams, symbols: Pick<ListedPairs, 'get'>): Parsed<string> {
  const name = parameters.get('symbol');
  if (name === null) return refused(missing('symbol'));
  const symbol = symbols.get(name);
  return symbol === undefined ? refused(BAD_SYMBOL) : { ok: true, value: symbol };
}

interface Amounts {
  readonly price: Decimal | undefined;
  readonly quantity: Decimal | undefined;
  readonly quoteQuantity: Decimal | undefined;
}

function parseAmounts(parameters: URLSearchParams): Parsed<Amounts> {
  for (const name of ['price', 'quantity', 'quoteOrderQty']) {
    const text = parameters.get(name);
    if (text !== null && !isDecimal(text)) return refused(missing(name));
  }
  const amount = (name: string): Decimal | undefined => {
    const text = parameters.get(name);
    return text === null ? undefined : parseDecimal(text);
  };
  return {
    ok: true,
    value: { price: amount('price'), quantity: amount('quantity'), quoteQuantity: amount('quoteOrderQty') },
  };
}

function refused(refusal: VenueRefusal): { readonly ok: false; readonly refusal: VenueRefusal } {
  return { ok: false, refusal };
}

/**
 * Parses a whole number from 0 to `max`. Returns the fallback if the parameter is missing, and undefined if it is
 * invalid.
 */
export function parseCount(
  parameters: URLSearchParams,
  name: string,
  { fallback, max }: { readonly fallback: number; readonly max: number },
): number | undefined {
  const text = parameters.get(name);
  if (text === null) return fallback;
  return /^\d{1,16}$/.test(text) && Number(text) <= max ? Number(text) : undefined;
}
