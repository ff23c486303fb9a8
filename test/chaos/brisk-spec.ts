import { breakout, cross } from '../fixtures/sample-stack.ts';

/** Changes its mind at nearly every bar, so that faults hit orders in flight. */
const brisk = cross({ name: 'brisk', parameters: { barSeconds: 1, fastBars: 1, slowBars: 2 }, orderNotional: '0.05' });

/** Change of the sample's spec to that of a stack that trades all the time and recovers soon. */
export const BRISK = {
  strategies: [cross(), breakout(), brisk],
  rollout: { soakSeconds: 1, tierDeadlineSeconds: 240 },
  execution: { swap: { postSwitchSoakSeconds: 5 } },
  risk: { maxFeedAgeMs: 5_000, entryValidMs: 5_000, orderDeadlineMs: 10_000 },
} as const;
