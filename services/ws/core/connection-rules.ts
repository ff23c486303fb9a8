/** A connection as the rules see it; all times on the monotonic clock in milliseconds. */
export interface ConnectionView {
  readonly phase: 'connecting' | 'open';
  /** When it was begun while connecting, when it opened afterwards. */
  readonly sinceMs: number;
  /** Anything at all from the venue, pongs included. */
  readonly lastInboundMs: number;
  readonly lastPingMs: number;
}

export interface ConnectionLimits {
  readonly pingIntervalMs: number;
  readonly maxConnectionMs: number;
}

/**
 * What a connection needs now: `Ping`; `Drop`, it is broken; `Replace`, it will be cut for its age, so another one has to take over while it still runs.
 */
export type ConnectionAction =
  | { readonly kind: 'None' }
  | { readonly kind: 'Ping' }
  | { readonly kind: 'Replace' }
  | { readonly kind: 'Drop'; readonly reason: 'ConnectTimeout' | 'NoPong' };

const CONNECT_TIMEOUT_MS = 15_000;
/** Pings without any answer before the connection is given up. */
const MISSED_PINGS = 2.5;
/** A tenth of the age, at most ten minutes, is left for the new connection to take over. */
const TAKE_OVER_PART = 0.1;
const TAKE_OVER_MS_MAX = 600_000;

export function decideConnection(view: ConnectionView, nowMs: number, limits: ConnectionLimits): ConnectionAction {
  const { pingIntervalMs, maxConnectionMs } = limits;
  if (view.phase === 'connecting') {
    return nowMs - view.sinceMs > CONNECT_TIMEOUT_MS ? { kind: 'Drop', reason: 'ConnectTimeout' } : { kind: 'None' };
  }
  if (nowMs - view.lastInboundMs > pingIntervalMs * MISSED_PINGS) return { kind: 'Drop', reason: 'NoPong' };
  if (nowMs - view.lastPingMs >= pingIntervalMs) return { kind: 'Ping' };
  const takeOverMs = Math.min(maxConnectionMs * TAKE_OVER_PART, TAKE_OVER_MS_MAX);
  return nowMs - view.sinceMs >= maxConnectionMs - takeOverMs ? { kind: 'Replace' } : { kind: 'None' };
}
