import { randomInt } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { until } from '../../harness/until.ts';
import type { TradingSystem } from './trading-system.ts';

/** One halt. Milliseconds are counted from the moment at which the patch of the spec is sent. */
export interface HaltSample {
  /** Until the venue accepted its last order; 0 if it accepted none after the patch. */
  readonly entriesStoppedMs: number;
  /** The same, from the event of the API server. */
  readonly entriesAfterEventMs: number;
  /** Until the last order that was open had ended. */
  readonly cancelsConfirmedMs: number;
  /** Until execution or the status confirmed the halt, whichever was first. */
  readonly confirmedMs: number;
  /** Orders that were open at the patch, and at the end. */
  readonly ordersToCancel: number;
  readonly ordersOpen: number;
  /** Orders that the venue accepted after the halt was confirmed. */
  readonly ordersAfterHalt: number;
}

/** Orders that must be open before a halt, so that there is something to cancel. */
const OPEN_MIN = 10;
/** How long the venue is watched after the halt was confirmed and everything has ended. */
const WATCHED_MS = 500;
const LIMIT_MS = 60_000;
const EVERY_MS = 20;

/**
 * Halts the stack under load, watches the venue, and lifts the halt again. `before` is called just before the patch and
 * returns how to undo it, which is done before the halt is lifted.
 */
export async function measureHalt(
  system: TradingSystem,
  before?: () => Promise<() => Promise<void>>,
): Promise<HaltSample> {
  await untilTrading(system);
  // The halt meets the periodic work of the processes at any point.
  await delay(randomInt(0, 250));
  const undo = (await before?.()) ?? (async () => await Promise.resolve());
  const open = system.venue.open.size;
  system.operators.forgetHalt();
  const patchedMs = Date.now();
  await system.patch({ spec: { halt: true } });
  await untilHalted(system);
  const endsMs = Date.now() + WATCHED_MS;
  await reading(system, 'the end of the watch', () => Date.now() >= endsMs);
  const sample = sampleOf(system, { patchedMs, open });
  await undo();
  await system.patch({ spec: { halt: false } });
  return sample;
}

async function untilTrading(system: TradingSystem): Promise<void> {
  const count = system.venue.placedMs.length;
  await reading(system, 'orders', () => {
    const { placedMs, open } = system.venue;
    return placedMs.length >= count + OPEN_MIN && open.size >= OPEN_MIN && Date.now() - (placedMs.at(-1) ?? 0) < 500;
  });
}

async function untilHalted(system: TradingSystem): Promise<void> {
  await reading(system, 'the halt to be confirmed', () => confirmedAtMs(system) !== undefined);
  await reading(system, 'every order to end', () => system.venue.open.size === 0);
}

function confirmedAtMs({ operators, stack }: TradingSystem): number | undefined {
  const times = [operators.haltAcceptedMs(), stack.confirmedMs()].filter((time) => time !== undefined);
  return times.length === 0 ? undefined : Math.min(...times);
}

async function reading(system: TradingSystem, what: string, reached: () => boolean): Promise<void> {
  const probe = async (): Promise<boolean> => {
    system.verify();
    await system.venue.read();
    return reached();
  };
  await until(probe, { what: `${what} (${system.stack.summary()})`, withinMs: LIMIT_MS, everyMs: EVERY_MS });
}

function sampleOf(
  system: TradingSystem,
  { patchedMs, open }: { readonly patchedMs: number; readonly open: number },
): HaltSample {
  const { venue, stack } = system;
  const confirmed = confirmedAtMs(system) ?? Number.NaN;
  const last = venue.placedMs.at(-1) ?? 0;
  const since = (startMs: number, timeMs: number): number => Math.max(0, timeMs - startMs);
  return {
    entriesStoppedMs: since(patchedMs, last),
    entriesAfterEventMs: since(stack.haltedSpecMs() ?? Number.NaN, last),
    cancelsConfirmedMs: since(patchedMs, venue.endedMs),
    confirmedMs: since(patchedMs, confirmed),
    ordersToCancel: open,
    ordersOpen: venue.open.size,
    ordersAfterHalt: venue.placedMs.filter((time) => time > confirmed).length,
  };
}
