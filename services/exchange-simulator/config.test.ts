import { describe, expect, it } from 'vitest';
import { QUIET_TAPE, XRP_ETH } from '../../test/harness/exchange-simulator.ts';
import { exchangeSimulatorSettings } from '../shared/contracts/services/exchange-simulator.ts';
import { settingsProblems } from './config.ts';
import { foundingOf, foundVenue, readTape } from './open-market.ts';

function settings(instrument: object = {}, tapeSymbol = 'XRP/ETH'): Parameters<typeof settingsProblems>[0] {
  return exchangeSimulatorSettings.parse({
    stack: { id: 'demo-0a1b2c3d', name: 'demo', namespace: 'trading', mode: 'Paper' },
    instruments: [{ ...XRP_ETH, ...instrument }],
    tape: { path: '/tape.csv.gz', symbol: tapeSymbol, speed: 60 },
    requoteMs: 100,
    balances: { ETH: '10', MX: '1' },
    seed: 1,
  });
}

describe('settings', () => {
  it.each([
    ['are fine', {}, 'XRP/ETH', undefined],
    [
      'name a pair that its assets are not',
      { base: 'BTC' },
      'XRP/ETH',
      'instruments[0].symbol: XRP/ETH is not BTC/ETH',
    ],
    ['have a tick that the protocol cannot say', { tickSize: '0.05' }, 'XRP/ETH', 'instruments[0].tickSize: must be'],
    ['have a lot that the protocol cannot say', { lotSize: '5' }, 'XRP/ETH', 'instruments[0].lotSize: must be'],
    ['have steps too fine to multiply', { lotSize: '0.00000000001' }, 'XRP/ETH', 'more than 18 decimals'],
    ['play a pair that is not listed', {}, 'BTC/ETH', 'tape.symbol: BTC/ETH is not among the instruments'],
  ])('that %s', (_what, instrument, tapeSymbol, problem) => {
    const problems = settingsProblems(settings(instrument, tapeSymbol));
    if (problem === undefined) expect(problems).toEqual([]);
    else expect(problems.join('\n')).toContain(problem);
  });
});

describe('the founding', () => {
  it('stays as it was: later settings add assets at zero and change no balance', () => {
    const now = 1_767_225_600_000;
    const first = settings();
    const founding = foundingOf(first, now);
    expect(founding).toEqual({ time: now, idPrefix: '1767225600000', balances: { paper: { ETH: '10', MX: '1' } } });
    const later = exchangeSimulatorSettings.parse({
      ...JSON.parse(JSON.stringify({ ...first, balances: {}, instruments: [XRP_ETH] })),
      balances: { ETH: '99', XRP: '5' },
    });
    const tape = readTape(later, QUIET_TAPE);
    const { market } = foundVenue({ settings: later, tape, founding, now: now + 1 });
    const { ledger } = market.exchange;
    expect(ledger.free('paper', 'ETH')).toBe(10n ** 19n);
    expect(ledger.free('paper', 'XRP')).toBe(0n);
    expect(market.exchange.book('XRP/ETH').version).toBe((now + 1) * 1_000);
  });
});
