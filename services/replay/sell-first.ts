import type { MemoryExecutionStore } from '../execution/store/memory/memory-execution-store.ts';
import type { Decimal } from '../shared/domain/decimal.ts';
import type { TradingState } from '../shared/domain/trading-state.ts';
import type { Scheduler } from './core/scheduler.ts';

/** The sale of every position before a swap. Times in virtual milliseconds. */
export interface Sale {
  readonly askedAtMs: number;
  /** When risk had said that nothing is left to sell; undefined if it did not in time: then there was no swap. */
  readonly closedAtMs: number | undefined;
  readonly liftedAtMs: number;
  /** What was held when it was closed, and how many orders were live. */
  readonly held: ReadonlyMap<string, Decimal>;
  readonly liveOrders: number;
}

export interface SellFirstOptions {
  readonly scheduler: Scheduler;
  readonly store: MemoryExecutionStore;
  /** Hands over, and resolves once the next sender is active, or is known not to become so. */
  readonly swap: () => Promise<void>;
}

const SOURCE = 'swap';
const LOOK_MS = 500;
const DEADLINE_MS = 300_000;

/** Plays the operator of a swap with positionPolicy Flat: Flattening, the swap once risk is flat, and the lift. */
export async function sellFirst({ scheduler, store, swap }: SellFirstOptions): Promise<Sale> {
  const askedAtMs = scheduler.nowMs();
  const request = async (state: TradingState): Promise<void> => {
    const revision = (store.states.get(SOURCE)?.revision ?? 0) + 1;
    await store.setTradingState({ source: SOURCE, state, author: 'operator', reason: 'the swap', revision });
  };
  const isClosed = (): boolean => store.states.get('flatten')?.state === 'Halted';
  await request('Flattening');
  while (!isClosed() && scheduler.nowMs() < askedAtMs + DEADLINE_MS) await scheduler.sleep(LOOK_MS);
  const closedAtMs = isClosed() ? scheduler.nowMs() : undefined;
  const held = new Map([...store.positions].map(([key, { quantity }]) => [key, quantity]));
  const liveOrders = store.orders.live().length;
  if (closedAtMs !== undefined) await swap();
  await request('Active');
  return { askedAtMs, closedAtMs, liftedAtMs: scheduler.nowMs(), held, liveOrders };
}
