import {
  MAX_STREAMS_PER_CONNECTION,
  parsePublicChannel,
  PRIVATE_ACCOUNT,
  PRIVATE_DEALS,
  PRIVATE_ORDERS,
} from '../../../shared/venue/mexc/channels.ts';
import type { ListedPairs } from '../../core/listed-pairs.ts';

/** Subscriptions and activity of one client's connection. Times are monotonic milliseconds of the clock. */
export interface StreamSession {
  /** Account whose private streams the client may read; undefined without a listen key. */
  readonly account: string | undefined;
  readonly channels: Set<string>;
  readonly openedAtMs: number;
  /** Time of the last message in either direction. */
  lastFlowAtMs: number;
}

const PRIVATE: ReadonlySet<string> = new Set([PRIVATE_ORDERS, PRIVATE_DEALS, PRIVATE_ACCOUNT]);
const MAX_NAME = 100;

interface Control {
  readonly method: string;
  readonly params: readonly string[];
  readonly id: number;
}

/**
 * Answers one control message and updates the session's subscriptions. The answers are MEXC's ("Websocket Market
 * Streams": `{"id":0,"code":0,"msg":...}`, where msg lists the channels, is PONG, or says why a channel was refused).
 */
export function answerControl(session: StreamSession, text: string, pairs: Pick<ListedPairs, 'has'>): string {
  const control = parseControl(text);
  if (control === undefined) return reply(0, 'message format is invalid');
  const { method, params, id } = control;
  if (method === 'PING') return reply(id, 'PONG');
  if (method === 'UNSUBSCRIPTION') {
    for (const channel of params) session.channels.delete(channel);
    return reply(id, params.join(','));
  }
  if (method !== 'SUBSCRIPTION') return reply(id, 'the method is unknown');
  const refusals = params.flatMap((channel) => {
    const reason = refusalOf(session, channel, pairs);
    if (reason === undefined) session.channels.add(channel);
    return reason === undefined ? [] : [{ channel: channel.slice(0, MAX_NAME), reason }];
  });
  const [first] = refusals;
  if (first === undefined) return reply(id, params.join(','));
  const names = refusals.map(({ channel }) => channel).join(',');
  return reply(id, `Not Subscribed successfully! [${names}].  Reason： ${first.reason}! `);
}

/**
 * Returns why the venue must close a connection now, or undefined (API document: no subscription for 30 s, no flow for
 * 60 s, 24 h).
 */
export function cutReason(session: StreamSession, nowMs: number): string | undefined {
  const age = nowMs - session.openedAtMs;
  if (age >= 24 * 60 * 60 * 1_000) return 'maximum connection age of 24 hours reached';
  if (session.channels.size === 0 && age >= 30_000) return 'no subscription within 30 seconds';
  if (nowMs - session.lastFlowAtMs >= 60_000) return 'no flow for 60 seconds';
  return undefined;
}

function refusalOf(session: StreamSession, channel: string, pairs: Pick<ListedPairs, 'has'>): string | undefined {
  if (session.channels.has(channel)) return undefined;
  if (session.channels.size >= MAX_STREAMS_PER_CONNECTION) return `more than ${MAX_STREAMS_PER_CONNECTION} streams`;
  if (PRIVATE.has(channel)) return session.account === undefined ? 'Blocked' : undefined;
  const parsed = parsePublicChannel(channel);
  return parsed !== undefined && pairs.has(parsed.venueSymbol) ? undefined : 'Blocked';
}

function parseControl(text: string): Control | undefined {
  const value = parseObject(text);
  const { method, params = [], id } = value ?? {};
  if (typeof method !== 'string' || !Array.isArray(params) || params.length > 100) return undefined;
  return {
    method: method.toUpperCase(),
    params: params.filter((param) => typeof param === 'string'),
    id: typeof id === 'number' ? id : 0,
  };
}

function parseObject(text: string): { readonly [K in keyof Control]?: unknown } | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

function reply(id: number, msg: string): string {
  return JSON.stringify({ id, code: 0, msg });
}
