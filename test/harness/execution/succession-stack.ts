import type { Execution } from '../../../services/execution/service.ts';
import type { Changes } from '../virtual-stack.ts';
import { createDrainStack, type DrainStack } from './drain-stack.ts';

const SILENT = { kind: 'unknown', reason: 'timeout' } as const;
export const SYMBOLS = ['XRP/ETH', 'ADA/ETH'];
/** Long enough that only what the swap causes is seen. */
const settings = { symbols: SYMBOLS, reconcileIntervalMs: 20_000 };
/** Of an activation that does not wait for the venue. */
export const AT_ONCE_MS = 5;

/** A sender, and the processes that may succeed it. */
export interface SuccessionStack extends DrainStack {
  readonly old: Execution;
  /** From this moment on, the venue answers no reconcile of the processes that `armed` starts. */
  readonly silence: (isSilent: boolean) => void;
  /** Symbols of the lists that a silent venue was asked for. */
  readonly asked: readonly string[];
  /** Starts the next process, and lets it rehearse. */
  readonly armed: (changes?: Changes) => Promise<Execution>;
  /** Drains the old sender, and activates the next one at a silent venue. */
  readonly swapTo: (next: Execution) => Promise<boolean>;
}

export async function createSuccessionStack(): Promise<SuccessionStack> {
  const stack = createDrainStack();
  const old = await stack.active({ settings });
  const asked: string[] = [];
  let isSilent = false;
  const silence = (silent: boolean): void => {
    isSilent = silent;
  };
  const openOrders = async (symbol: string) => {
    if (isSilent) asked.push(symbol);
    return isSilent ? SILENT : await stack.venue.openOrders();
  };
  const balances = async () => (isSilent ? SILENT : await stack.venue.balances());
  return Object.assign(stack, {
    old,
    asked,
    silence,
    armed: async (changes: Changes = {}) => {
      const execution = stack.start({ settings, ...changes, at: { openOrders, balances, ...changes.at } });
      await stack.clock.advance(1_000);
      return execution;
    },
    swapTo: async (next: Execution) => {
      await stack.drained(old, {}, 100);
      silence(true);
      const { accepted } = await next.activate(2);
      await stack.clock.advance(AT_ONCE_MS);
      return accepted;
    },
  });
}
