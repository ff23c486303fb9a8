/**
 * Update interval in a channel's name. The names in this file are those of MEXC's spot channels (API documents
 * "Websocket Market Streams" and "Websocket User Data Streams").
 */
export type MexcInterval = '10ms' | '100ms';

export const PRIVATE_ORDERS = 'spot@private.orders.v3.api.pb';
export const PRIVATE_DEALS = 'spot@private.deals.v3.api.pb';
export const PRIVATE_ACCOUNT = 'spot@private.account.v3.api.pb';

/** Maximum subscriptions that the venue serves on one connection. */
export const MAX_STREAMS_PER_CONNECTION = 30;

export function dealsChannel(venueSymbol: string, interval: MexcInterval): string {
  return `${eventTypeOf('deals', interval)}@${venueSymbol}`;
}

export function depthChannel(venueSymbol: string, interval: MexcInterval): string {
  return `${eventTypeOf('depth', interval)}@${venueSymbol}`;
}

export function bookTickerChannel(venueSymbol: string, interval: MexcInterval): string {
  return `${eventTypeOf('bookTicker', interval)}@${venueSymbol}`;
}

/** Returns a public channel's name without its symbol, as deals and depths carry it in `eventType`. */
export function eventTypeOf(stream: PublicStream, interval: MexcInterval): string {
  return `spot@public.aggre.${stream}.v3.api.pb@${interval}`;
}

export type PublicStream = 'deals' | 'depth' | 'bookTicker';

export interface PublicChannel {
  readonly stream: PublicStream;
  readonly interval: MexcInterval;
  readonly venueSymbol: string;
}

/** Parses a public channel's name. Returns undefined unless it is one of the three that we use. */
export function parsePublicChannel(channel: string): PublicChannel | undefined {
  const match = PUBLIC_CHANNEL.exec(channel);
  if (match === null) return undefined;
  const [, stream, interval, venueSymbol = ''] = match;
  return { stream: stream as PublicStream, interval: interval as MexcInterval, venueSymbol };
}

const PUBLIC_CHANNEL = /^spot@public\.aggre\.(deals|depth|bookTicker)\.v3\.api\.pb@(10ms|100ms)@([A-Z0-9]{2,40})$/;

/** Returns the venue's spelling of a symbol: `XRPETH` for `XRP/ETH`. */
export function venueSymbolOf(symbol: string): string {
  return symbol.replace('/', '');
}
