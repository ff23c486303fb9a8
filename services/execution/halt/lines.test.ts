import { expect, it } from 'vitest';
import { soldAlready } from './lines.ts';

const SINCE_MS = Date.parse('2026-01-01T00:00:00Z');
const sold = {
  source: 'flatten',
  state: 'Halted',
  author: 'risk',
  reason: 'every position is closed',
  revision: 1,
  sinceMs: SINCE_MS,
} as const;

it.each([
  ['spec', 'ada', ', and what "kubectl tradingstack why" names for the source spec'],
  ['spec-flatten', 'operator', ', and what "kubectl tradingstack why" names for the source spec-flatten'],
  ['swap', 'ada', ', and what "kubectl tradingstack why" names for the source swap'],
  // The operator withdraws its own, once the swap that it sells for is over.
  ['swap', 'operator', ''],
  // The program's own, which --resume withdraws.
  ['command', 'ada', ''],
])('a finished sale that %s by %s still requests is lifted by --resume%s', (source, author, named) => {
  const request = { source, state: 'Flattening', author, reason: 'why', revision: 1, sinceMs: SINCE_MS } as const;
  expect(soldAlready({ state: 'Halted', sources: [sold, request], persisted: true, openOrders: 0, reason: '' })).toBe(
    'Sold already: flatten Halted since 2026-01-01T00:00:00.000Z by risk: every position is closed.\n' +
      `To trade again: node /app/halt.mjs --resume${named}`,
  );
});
