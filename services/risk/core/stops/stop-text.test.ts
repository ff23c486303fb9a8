import { expect, it } from 'vitest';
import { NOW, unreadRow } from '../../../../test/fixtures/risk-state.ts';
import type { StopRules } from '../../../shared/contracts/services/risk.ts';
import { parseDecimal, type Decimal } from '../../../shared/domain/decimal.ts';
import type { PositionStop } from './position-stop.ts';
import { stopText } from './stop-text.ts';

const d = parseDecimal;
const loss = { stopLossPercent: d('5') };
const all = { ...loss, trailingStopPercent: d('2.5'), takeProfitPercent: d('10'), maxHoldingSeconds: 60 };
const UNTIL = 'until 2023-11-14T22:14:20.000Z';

function watched(rules: StopRules, reason?: string, entryPrice: Decimal | undefined = d('0.0014')): PositionStop {
  const position = { strategy: 'gone', symbol: 'XRP/ETH', rules, openedAtMs: NOW, entryPrice, highPrice: entryPrice };
  return { kind: 'Watched', position, problem: reason === undefined ? undefined : { reason, message: 'x' } };
}

const unknown: PositionStop = watched(all, 'EntryPriceUnknown');
const costless: PositionStop =
  unknown.kind === 'Watched'
    ? { ...unknown, position: { ...unknown.position, entryPrice: undefined, highPrice: undefined } }
    : unknown;

it.each<[PositionStop, string]>([
  [{ kind: 'None' }, 'it has no stop'],
  [{ kind: 'Begins', rules: loss }, 'its stop is not stored yet'],
  [{ kind: 'Unread', row: unreadRow }, 'its stop is unknown, because its row in risk.stops cannot be read'],
  [{ kind: 'Triggered' }, 'its stop has triggered'],
  [watched(loss), 'its stop loss at 0.00133 is watched'],
  [
    watched(all),
    `its stop loss at 0.00133, trailing stop of 2.5 %, take profit at 0.00154 and longest holding ${UNTIL} are watched`,
  ],
  [watched(loss, 'FeedStale'), 'its stop loss at 0.00133 is not judged now (FeedStale)'],
  [
    watched({ ...loss, maxHoldingSeconds: 60 }, 'FeedStale'),
    `its stop loss at 0.00133 is not judged now (FeedStale); its longest holding ${UNTIL} is watched`,
  ],
  [
    costless,
    'its stop loss of 5 % and take profit of 10 % are not judged now (EntryPriceUnknown); ' +
      `its trailing stop of 2.5 % and longest holding ${UNTIL} are watched`,
  ],
  [
    watched({ takeProfitPercent: d('9999') }, undefined, d('99999999999999999999')),
    'its take profit of 9999 % is watched',
  ],
])('says of %o what protects the position', (stop, expected) => {
  expect(stopText(stop, true)).toBe(expected);
});

it.each<[PositionStop, string]>([
  [{ kind: 'None' }, 'it has no stop'],
  [{ kind: 'Triggered' }, 'its stop has triggered, but the position is not sold, because the pair has no feed'],
  [watched(loss, 'InstrumentNotKnown'), 'its stop loss at 0.00133 is not watched, because the pair has no feed'],
  [
    watched({ ...loss, maxHoldingSeconds: 60 }, 'InstrumentNotKnown'),
    'its stop loss at 0.00133 is not watched, because the pair has no feed; ' +
      `its longest holding ${UNTIL} is watched, but the position is not sold, because the pair has no feed`,
  ],
])('says of %o that a pair without a feed is not protected', (stop, expected) => {
  expect(stopText(stop, false)).toBe(expected);
});
