import { expect, it } from 'vitest';
import type { ExitStep } from '../../services/replay/core/exit-step.ts';
import { parseDecimal } from '../../services/shared/domain/decimal.ts';
import { exitViolations } from './exit-violations.ts';

const d = parseDecimal;
const of = { strategy: 'trend', symbol: 'XRP/ETH' } as const;
const stance = (at_ms: number, wants: 'Long' | 'Flat', strategy = 'trend'): ExitStep => ({
  ...of,
  strategy,
  kind: 'Stance',
  stance: wants,
  at_ms,
});
const held = (at_ms: number, quantity: string): ExitStep => ({ ...of, kind: 'Held', quantity: d(quantity), at_ms });
const decided = (at_ms: number, client_order_id?: string): ExitStep => ({
  ...of,
  kind: 'Decided',
  client_order_id,
  at_ms,
});
const ended = (at_ms: number, client_order_id: string): ExitStep => ({ ...of, kind: 'Ended', client_order_id, at_ms });

const stopped = (at_ms: number): ExitStep => ({ ...of, kind: 'StopTriggered', stop: 'StopLoss', at_ms });
const entered = (at_ms: number): ExitStep => ({ ...of, kind: 'Entered', at_ms });

const judge = (...steps: ExitStep[]) => exitViolations({ steps, smallest: d('1'), idleBoundMs: 1_000, endMs: 10_000 });

it.each<[string, ExitStep[]]>([
  ['its order is live', [held(0, '9'), stance(1, 'Flat'), decided(2, 'a'), ended(9_500, 'a')]],
  ['it is decided about in time', [held(0, '9'), stance(1, 'Flat'), ...every(900, 10).map((ms) => decided(ms))]],
  ['its strategy wants it', [held(0, '9'), stance(1, 'Flat'), stance(1_001, 'Long')]],
  ['only dust is left', [held(0, '9'), stance(1, 'Flat'), held(1_000, '0.9')]],
  ['another strategy is flat', [held(0, '9'), stance(1, 'Long'), stance(1, 'Flat', 'other')]],
  ['its stop triggered on an earlier position', [held(0, '9'), stance(1, 'Long'), stopped(2), entered(3)]],
  ['nothing is sent any more', [held(0, '9'), stance(9_500, 'Flat'), held(60_000, '9')]],
])('finds nothing while %s', (_while, steps) => {
  expect(judge(...steps)).toEqual([]);
});

it.each<[string, ExitStep[]]>([
  ['from its stance on', [held(0, '9'), stance(1, 'Flat'), decided(1_002, 'a')]],
  ['after the rest of a part-fill', [held(0, '9'), stance(1, 'Flat'), decided(2, 'a'), held(3, '4'), ended(4, 'a')]],
  ['after a refusal', [held(0, '9'), stance(1, 'Flat'), decided(900)]],
  ['from its stop on, though its strategy wants it', [held(0, '9'), stance(1, 'Long'), stopped(2), stance(3, 'Long')]],
  ['though its stance is repeated', [held(0, '9'), ...every(500, 19).map((ms) => stance(ms, 'Flat'))]],
])('finds a position that nobody works %s', (_when, steps) => {
  expect(judge(...steps)).toContainEqual(expect.stringMatching(/^I9: nobody worked trend XRP\/ETH for \d+ ms/));
});

function every(ms: number, count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => (index + 1) * ms);
}
