import type { Decimal } from '../shared/domain/decimal.ts';
import type { Clock } from '../shared/runtime/clock.ts';
import type { Logger } from '../shared/runtime/logger.ts';
import { periodic, type Periodic } from '../shared/runtime/periodic.ts';
import { portfolioFigures, valuationsOf, type Portfolio } from './core/portfolio.ts';
import type { ExecutionStore } from './ports.ts';

export interface PortfolioSnapshots extends Periodic {
  figures(): Readonly<Record<string, number | string | null>>;
}

const READ_MS = 5_000;
const SNAPSHOT_MS = 60_000;

/** Reads positions for /statusz every 5 s, and records them once a minute, marked to market. */
export function createPortfolioSnapshots(options: {
  readonly store: Pick<ExecutionStore, 'loadPortfolio' | 'insertSnapshots'>;
  readonly marks: () => ReadonlyMap<string, Decimal>;
  /** Only the holder of the fence writes. */
  readonly recording: () => boolean;
  readonly clock: Clock;
  readonly log: Logger;
}): PortfolioSnapshots {
  const { store, marks, recording, clock, log } = options;
  let portfolio: Portfolio = { orders: 0, fills: 0, positions: [], thirdAssetFees: new Map() };
  let lastMinute = -1;
  const reading = periodic({
    name: 'portfolio',
    intervalMs: READ_MS,
    clock,
    log,
    task: async () => {
      portfolio = await store.loadPortfolio();
      const minute = Math.floor(clock.nowMs() / SNAPSHOT_MS);
      if (minute === lastMinute || !recording()) return;
      lastMinute = minute;
      await store.insertSnapshots(minute * SNAPSHOT_MS, valuationsOf(portfolio, marks()));
    },
  });
  return {
    ...reading,
    figures: () => ({ orders: portfolio.orders, fills: portfolio.fills, ...portfolioFigures(portfolio, marks()) }),
  };
}
