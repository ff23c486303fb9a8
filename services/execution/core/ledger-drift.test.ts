import { describe, expect, it } from 'vitest';
import { parseDecimal, type Decimal } from '../../shared/domain/decimal.ts';
import { describeDrift, NOTHING_SEEN, watchDrift, type BalanceReading, type DriftWatch } from './ledger-drift.ts';

type Amounts = Readonly<Record<string, string>>;

function balances(amounts: Amounts): ReadonlyMap<string, Decimal> {
  return new Map(Object.entries(amounts).map(([asset, amount]) => [asset, parseDecimal(amount)]));
}

/** The venue's side, then the ledger's. */
function reading(venue: Amounts, ledger: Amounts): BalanceReading {
  return { venue: balances(venue), ledger: balances(ledger) };
}

function watched(...readings: readonly BalanceReading[]): DriftWatch {
  return readings.reduce(watchDrift, NOTHING_SEEN);
}

function driftsOf(...readings: readonly BalanceReading[]): readonly string[] {
  return watched(...readings).drifts.map(({ asset }) => asset);
}

const equal = reading({ ETH: '2' }, { ETH: '2' });
const short = reading({ ETH: '1' }, { ETH: '2' });

describe('watchDrift', () => {
  it.each<[string, readonly BalanceReading[], readonly string[]]>([
    ['nothing where both sides agree', [equal, equal, equal], []],
    ['nothing in two readings', [short, short], []],
    ['a drift in three', [short, short, short], ['ETH']],
    ['nothing while the difference moves', [short, reading({ ETH: '1.5' }, { ETH: '2' }), short, short], []],
    ['nothing where both sides agreed in between', [short, short, equal, short, short], []],
    [
      'a drift though fills change both sides from reading to reading',
      [short, reading({ ETH: '0.7' }, { ETH: '1.7' }), reading({ ETH: '5' }, { ETH: '6' })],
      ['ETH'],
    ],
    [
      'a drift though fills are caught between the reads of the other asset',
      [
        reading({ ETH: '1', XRP: '10' }, { ETH: '2', XRP: '20' }),
        reading({ ETH: '1', XRP: '30' }, { ETH: '2', XRP: '30' }),
        reading({ ETH: '1', XRP: '50' }, { ETH: '2', XRP: '45' }),
      ],
      ['ETH'],
    ],
    ['an asset that the ledger lacks', Array.from({ length: 3 }, () => reading({ MX: '1' }, {})), ['MX']],
    ['an asset that the venue lacks', Array.from({ length: 3 }, () => reading({}, { MX: '1' })), ['MX']],
    [
      'a drift that a fill between the reads hides for once',
      [short, short, short, reading({ ETH: '9' }, { ETH: '2' })],
      ['ETH'],
    ],
    ['no drift any more once both sides agree', [short, short, short, equal], []],
  ])('sees %s', (_what, readings, drifts) => {
    expect(driftsOf(...readings)).toEqual(drifts);
  });

  it('takes up that a drift has grown', () => {
    const more = reading({ ETH: '0.5' }, { ETH: '2' });
    const { drifts } = watched(short, short, short, more, more, more);
    expect(drifts.map(describeDrift)).toEqual(['ETH: ledger 2, venue 0.5, difference -1.5']);
  });
});
