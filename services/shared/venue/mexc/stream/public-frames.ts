import { z } from 'zod';
import { parseScientific, type Decimal } from '../../../domain/decimal.ts';
import { parsePublicChannel } from '../channels.ts';
import { decodePush, MexcFrameError, type MexcPush } from './protobuf.ts';
import type { DepthDiff, DepthLevel, VenueFrame, VenueTrade } from '../../market-data-venue.ts';

type DealsBody = MexcPush['body'] & { kind: 'deals' };
type DepthsBody = MexcPush['body'] & { kind: 'depths' };

/**
 * Parses one frame of MEXC's public WebSocket: protobuf in binary frames (aggre.deals, aggre.depth), JSON control in
 * text frames. `symbols` maps the venue's symbols to canonical names. Never throws: an unreadable frame, including one
 * of a newer schema or of a symbol that was not subscribed, is Malformed, because it must not look like silence.
 */
export function readMexcFrame(data: Uint8Array, isBinary: boolean, symbols: ReadonlyMap<string, string>): VenueFrame {
  try {
    return isBinary ? readPush(decodePush(data), symbols) : readControl(new TextDecoder().decode(data));
  } catch (error) {
    return { kind: 'Malformed', reason: reasonOf(error), payload: data };
  }
}

/** Thrown and caught only in this file. */
class UnreadableError extends Error {}

function reasonOf(error: unknown): string {
  if (error instanceof UnreadableError || error instanceof MexcFrameError) return error.message;
  return error instanceof Error ? `${error.name}: ${error.message}`.slice(0, 200) : 'unknown';
}

const control = z.object({ code: z.number().optional(), msg: z.string() });

function readControl(text: string): VenueFrame {
  const parsed = control.safeParse(JSON.parse(text));
  if (!parsed.success) throw new UnreadableError('text frame without msg');
  const { code = 0, msg } = parsed.data;
  if (msg === 'PONG') return { kind: 'Pong' };
  if (code !== 0 || msg.startsWith('Not Subscribed')) return { kind: 'Refused', message: msg.slice(0, 300) };
  return { kind: 'Subscribed' };
}

function readPush(push: MexcPush, symbols: ReadonlyMap<string, string>): VenueFrame {
  // Deals and depths carry the symbol in the header; the fallback is the symbol in the channel's name.
  const venueSymbol = push.symbol === '' ? (parsePublicChannel(push.channel)?.venueSymbol ?? '') : push.symbol;
  const symbol = symbols.get(venueSymbol);
  if (symbol === undefined) throw new UnreadableError(`symbol "${venueSymbol.slice(0, 40)}" was not subscribed`);
  const sentAt = push.sendTime > 0 ? push.sendTime : push.createTime;
  const { body } = push;
  if (body.kind === 'deals') return { kind: 'Trades', symbol, sentAt, trades: body.deals.map(tradeOf) };
  if (body.kind === 'depths') return { kind: 'Depth', symbol, sentAt: timeOf(sentAt), diff: diffOf(body) };
  throw new UnreadableError(`unexpected body "${body.kind}" on channel "${push.channel.slice(0, 80)}"`);
}

function tradeOf({ price, quantity, tradeType, time }: DealsBody['deals'][number]): VenueTrade {
  if (tradeType !== 1 && tradeType !== 2) throw new UnreadableError(`unexpected tradeType ${tradeType}`);
  return {
    price: positive(price),
    quantity: positive(quantity),
    takerSide: tradeType === 1 ? 'buy' : 'sell',
    time: timeOf(time),
  };
}

function diffOf({ fromVersion, toVersion, bids, asks }: DepthsBody): DepthDiff {
  const from = versionOf(fromVersion);
  const to = versionOf(toVersion);
  if (from > to) throw new UnreadableError(`versions run backwards, from ${from} to ${to}`);
  return { fromVersion: from, toVersion: to, bids: bids.map(levelOf), asks: asks.map(levelOf) };
}

function levelOf({ price, quantity }: DepthsBody['bids'][number]): DepthLevel {
  const amount = parseScientific(quantity);
  if (amount < 0n) throw new UnreadableError('quantity is below zero');
  return [positive(price), amount];
}

function positive(text: string): Decimal {
  const value = parseScientific(text);
  if (value <= 0n) throw new UnreadableError('price or quantity is not above zero');
  return value;
}

function timeOf(ms: number): number {
  if (!Number.isSafeInteger(ms) || ms <= 0) throw new UnreadableError(`invalid time ${ms}`);
  return ms;
}

/** Parses a version of the order book: a whole number of at most 20 digits. Throws UnreadableError. */
function versionOf(text: string): bigint {
  if (!/^\d{1,20}$/.test(text)) throw new UnreadableError(`invalid version "${text.slice(0, 30)}"`);
  return BigInt(text);
}
