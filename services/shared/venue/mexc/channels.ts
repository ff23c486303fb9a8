/** Names of MEXC's spot channels (API document "Websocket Market Streams" and "Websocket User Data Streams"). */
export type MexcInterval = '10ms' | '100ms';

export const PRIVATE_ORDERS = 'spot@private.orders.v3.api.pb';
export const PRIVATE_DEALS = 'spot@private.deals.v3.api.pb';
export const PRIVATE_ACCOUNT = 'spot@private.account.v3.api.pb';

/** The venue serves no more streams on one connection. */
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

/** A public channel without its symbol: what deals and depths carry as `eventType`. */
export function eventTypeOf(stream: PublicStream, interval: MexcInterval): string {
  return `spot@public.aggre.${stream}.v3.api.pb@${interval}`;
}

export type PublicStream = 'deals' | 'depth' | 'bookTicker';

export interface PublicChannel {
  readonly stream: PublicStream;
  readonly interval: MexcInterval;
  readonly venueSymbol: string;
}

/** The parts of a public channel's name; undefined when it is none of the three that we use. */
export function parsePublicChannel(channel: string): PublicChannel | undefined {
  const match = PUBLIC_CHANNEL.exec(channel);
  if (match === null) return undefined;
  const [, stream, interval, venueSymbol = ''] = match;
  return { stream: stream as PublicStream, interval: interval as MexcInterval, venueSymbol };
}

const PUBLIC_CHANNEL = /^spot@public\.aggre\.(deals|depth|bookTicker)\.v3\.api\.pb@(10ms|100ms)@([A-Z0-9]{2,40})$/;

/** `XRP/ETH` as the venue writes it, `XRPETH`. */
export function venueSymbolOf(symbol: string): string {
  return symbol.replace('/', '');
}
