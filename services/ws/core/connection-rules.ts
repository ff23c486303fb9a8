/** A connection as the rules see it; all times on the monotonic clock in milliseconds. */
export interface ConnectionView {
  readonly phase: 'connecting' | 'open';
  /** Start of the connection attempt while connecting, time of opening afterwards. */
  readonly sinceMs: number;
  /** Time of the last frame of any kind from the venue, pongs included. */
  readonly lastInboundMs: number;
  readonly lastPingMs: number;
}

export interface ConnectionLimits {
  readonly pingIntervalMs: number;
  readonly maxConnectionMs: number;
}

/**
 * Next action for a connection. `Ping`: a ping is due. `Drop`: it is broken. `Replace`: the venue will soon cut it for
 * its age, so another connection must take over while it still runs.
 */
export type ConnectionAction =
  | { readonly kind: 'None' }
  | { readonly kind: 'Ping' }
  | { readonly kind: 'Replace' }
  | { readonly kind: 'Drop'; readonly reason: 'ConnectTimeout' | 'NoPong' };

const CONNECT_TIMEOUT_MS = 15_000;
/** Number of ping intervals without any frame after which the connection is dropped. */
const MISSED_PINGS = 2.5;
/** Part of the maximum age left for the new connection to take over: a tenth, at most ten minutes. */
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
