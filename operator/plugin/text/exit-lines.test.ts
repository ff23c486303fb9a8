import { describe, expect, it } from 'vitest';
import { ago, NOW_MS, podView, report } from '../../../test/fixtures/plugin-report.ts';
import type { ExitsStatus } from '../../../services/shared/contracts/statusz.ts';
import type { PodView } from '../view/pod-view.ts';
import { exitsIn, type ExitPosition } from '../view/exits.ts';
import type { Part } from '../view/part.ts';
import { closingLine, exitFacts, exitLines, soldText } from './exit-lines.ts';
import { PLAIN } from './style.ts';
import { whyText } from './why-text.ts';

const position = (change: Partial<ExitPosition> = {}): ExitPosition => ({
  strategy: 'breakout',
  symbol: 'XRP/ETH',
  cause: 'Flat',
  stop: null,
  since: ago(300),
  attempts: 4,
  reason: 'ExitNotSent',
  message: 'Expired',
  ...change,
});
const exitsOf = (open: number, ...positions: ExitPosition[]): ExitsStatus => ({
  openPositions: open,
  dustPositions: positions.length - open,
  positions,
});
const risk = (exits: ExitsStatus | null): Part<readonly PodView[]> => ({
  known: true,
  value: [podView('risk', {}, { exits })],
});
const forbidden = { known: false, why: 'you may not get pods/proxy', forbidden: true } as const;
const page = { columns: 200, style: PLAIN };

describe('the positions that are not closed', () => {
  it('have reason, remedy and place in the runbook', () => {
    const text = whyText(report(undefined, { pods: risk(exitsOf(1, position())) }), [], page);
    expect(text).not.toContain('blocks');
    expect(text).toMatch(
      /^Positions that are not closed:\n {2}position XRP\/ETH \(strategy breakout\), wanted for 5m because the strategy is flat, 4 attempts\n {2}waiting {2}ExitNotSent - Expired\n {2}means .*\n {2}remedy .*\n {2}runbook {2}docs\/runbook.md, "A position is not closed"$/,
    );
  });

  it.each<[string, ExitsStatus]>([
    ['none', exitsOf(0)],
    ['one that is wanted for less than a minute', exitsOf(1, position({ since: ago(59) }))],
    ['one that cannot be sold', exitsOf(0, position())],
  ])('are not shown: %s', (_what, exits) => {
    const reported = { exits: exitsIn(risk(exits)), nowMs: NOW_MS };
    expect(exitLines(reported, page)).toEqual([]);
    expect(exitFacts(reported, 'demo')).toEqual([]);
    expect(whyText(report(undefined, { pods: risk(exits) }), [], page)).toMatch(/^Nothing blocks demo/);
  });

  it.each<[string, Part<readonly PodView[]>, string]>([
    ['the pods cannot be listed', forbidden, 'you may not get pods/proxy'],
    ['risk does not answer', { known: true, value: [podView('risk', { statusz: forbidden })] }, 'you may not get'],
    ['risk does not run', { known: true, value: [podView('ws')] }, 'no process of risk reports its exits'],
    ['risk does not know the account', risk(null), 'risk does not know the account'],
  ])('are unknown, and not none, while %s', (_what, pods, why) => {
    const reported = { exits: exitsIn(pods), nowMs: NOW_MS };
    expect(exitLines(reported, page)[0]).toContain(`Positions that are not closed: unknown, ${why}`);
    expect(exitFacts(reported, 'demo')).toMatchObject([{ label: 'exits', text: expect.stringContaining('unknown') }]);
    const text = whyText(report(undefined, { pods }), [], page);
    expect(text).not.toContain('Nothing blocks');
    expect(text).toMatch(/^No gate blocks demo\./);
  });

  it('are counted in one line of the status, with the first', () => {
    const exits = exitsOf(2, position(), position({ symbol: 'ADA/ETH' }));
    expect(exitFacts({ exits: exitsIn(risk(exits)), nowMs: NOW_MS }, 'demo')).toEqual([
      {
        label: 'exits',
        text: '2 positions are not closed; XRP/ETH of breakout for 5m: ExitNotSent - Expired (kubectl tradingstack why demo)',
        paint: 'bad',
      },
    ]);
  });

  it.each<[Partial<ExitPosition>, string]>([
    [
      { cause: 'Flattening', reason: null, message: '', attempts: 1 },
      'because a sale of every position is requested, since ',
    ],
    [{ cause: 'Stop' }, 'because a stop triggered, since'],
    [{}, '4 attempts; waiting: ExitNotSent - Expired'],
  ])('say in words why they should be closed: %j', (change, text) => {
    expect(closingLine(position(change))).toContain(text);
  });
});

describe('what a sale has left', () => {
  const dust = position({ symbol: 'XRP/ETH', reason: 'BelowMinimum', message: '' });
  it.each<[string, Part<ExitsStatus>, string]>([
    ['nothing', exitsIn(risk(exitsOf(0))), 'Sold.'],
    ['unknown', forbidden, 'Sold.\nWhich of them could not be sold, if any, is unknown: you may not get pods/proxy.'],
    [
      'one position, not the open one',
      exitsIn(risk(exitsOf(1, position({ symbol: 'ADA/ETH' }), dust))),
      'Sold, and halted by risk, except for 1 position that cannot be sold:\n  XRP/ETH of breakout: BelowMinimum',
    ],
    [
      'more than the list has',
      { known: true, value: { openPositions: 0, dustPositions: 3, positions: [dust] } },
      'Sold, and halted by risk, except for 3 positions that cannot be sold:\n' +
        '  XRP/ETH of breakout: BelowMinimum\n  and 2 more',
    ],
  ])('%s', (_what, exits, text) => {
    expect(soldText('Sold.', exits)).toBe(text);
  });
});
