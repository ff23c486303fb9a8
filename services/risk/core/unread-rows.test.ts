import { expect, it } from 'vitest';
import { held, riskState, unreadRow } from '../../../test/fixtures/risk-state.ts';
import { decide } from './decide.ts';
import { exitSignal } from './exits/exit.ts';

it('refuses the entries that a row that cannot be read concerns, with the row, and no exit', () => {
  const state = { ...riskState, unread: [unreadRow] };
  const exit = exitSignal(state, { strategy: 'trend', symbol: 'XRP/ETH' });
  expect(decide(state, { ...exit, stance: 'Long' })).toMatchObject({
    kind: 'Refused',
    code: 'RowUnreadable',
    detail: 'trading.positions trend XRP/ETH: quantity is not a decimal',
    inputs: { unreadTable: 'trading.positions', unreadRow: 'trend XRP/ETH' },
  });
  expect(decide({ ...state, positions: held('30') }, exit)).toMatchObject({ kind: 'Approved' });
});
