import type { LogLine } from '../../harness/processes/service-process.ts';
import { senderChanges, type PlacedOrder } from '../swap/sender-changes.ts';
import { spreadOf, type Spread } from '../swap/swap-figures.ts';
import type { Fault } from './takeover-options.ts';

/** A fault of the sender, and the first epoch with an order after it. UTC milliseconds. */
export interface Injected {
  readonly fault: Fault;
  readonly atMs: number;
  readonly epoch: number;
}

export interface Evidence {
  readonly injected: readonly Injected[];
  /** What all processes of execution logged. */
  readonly lines: readonly LogLine[];
  /** In the order of the venue's log. */
  readonly orders: readonly PlacedOrder[];
  /** Why the series ended before its last fault; null if it did not. */
  readonly failure: string | null;
}

export interface TakeoverSpreads {
  readonly fenceMs: Spread;
  readonly maySendMs: Spread;
  readonly firstOrderMs: Spread;
}

export type TakeoverFigures = ReturnType<typeof figuresOf>;

/** `recvWindow` + skew bound + 2 s (P11), with the skew bound of the settings and with what the venue tolerates. */
export const GOAL_MS = { withSkewBound: 4_500, withTolerance: 5_000 } as const;

/** Returns the times from each fault to the fence, to when orders may be sent, and to the first order. */
export function figuresOf({ injected, lines, orders, failure }: Evidence) {
  const changes = senderChanges(orders);
  const spreads = (fault?: Fault): TakeoverSpreads => {
    const of = injected.filter((each) => fault === undefined || each.fault === fault);
    const since = (timeOf: (epoch: number) => number | undefined): Spread =>
      spreadOf(of.flatMap(({ atMs, epoch }) => minus(timeOf(epoch), atMs)));
    return {
      fenceMs: since((epoch) => timeOf(lines, 'fence taken', epoch)),
      maySendMs: since((epoch) => timeOf(lines, MAY_SEND, epoch)),
      firstOrderMs: since((epoch) => changes.find((change) => change.epoch === epoch)?.firstMs),
    };
  };
  const firstMs = injected.flatMap(({ atMs, epoch }) =>
    minus(changes.find((change) => change.epoch === epoch)?.firstMs, atMs),
  );
  return {
    faults: injected.length,
    orders: orders.length,
    failure,
    overlap: changes.reduce((sum, change) => sum + change.overlap, 0),
    late: firstMs.filter((ms) => ms > GOAL_MS.withTolerance).length,
    kill: spreads('kill'),
    stop: spreads('stop'),
    all: spreads(),
  };
}

const MAY_SEND = 'compared with the venue, orders may be sent';
export const KEPT_LINES: ReadonlySet<unknown> = new Set(['fence taken', MAY_SEND]);

function timeOf(lines: readonly LogLine[], message: string, epoch: number): number | undefined {
  const line = lines.find((each) => each['msg'] === message && each['epoch'] === epoch);
  return line === undefined ? undefined : Date.parse(String(line['time']));
}

function minus(toMs: number | undefined, fromMs: number): readonly number[] {
  return toMs === undefined ? [] : [toMs - fromMs];
}
