import type { RiskStatus } from '../../api/v1alpha1/trading-stack/rollout/risk-status.ts';
import { describe, expect, it } from 'vitest';
import {
  ago,
  degradedStatus,
  NOW_MS,
  podView,
  report,
  runningStatus,
  SENDING,
} from '../../../test/fixtures/plugin-report.ts';
import type { TradingStackStatus } from '../../api/v1alpha1/trading-stack/status.ts';
import { statusText } from './status-text.ts';
import { COLOURED, PLAIN } from './style.ts';

const at = (columns: number) => ({ columns, style: PLAIN });
const events = (...notes: string[]) => ({
  known: true as const,
  value: notes.map((message, index) => ({
    atMs: NOW_MS - (notes.length - index) * 10_000,
    type: index === 0 ? 'Warning' : 'Normal',
    reason: 'TierPassed',
    object: index === 0 ? 'pod/demo-ws-1' : 'tradingstack/demo',
    message,
    count: 1,
  })),
});

const change = (release: string, version: string) =>
  ({ release, version, since: ago(90), reason: 'Changed', record: 'r' }) as const;

describe('the picture of a stack', () => {
  it('that trades, at 120 columns', () => {
    const text = statusText(report(runningStatus(), { events: events('probe failed', 'tier data passed') }), at(120));
    expect(text).toMatchInlineSnapshot(`
      "demo  Paper  Running  2/2 services ready  namespace trading
        observed   7s ago by the operator
        release    dedbb151541b1930 (version 1.4.0) runs in all tiers
        trading    Active for 21m
        sender     execution blue sends orders in epoch 3
                   demo-execution-768446d569-7lxdm: active, may send, 1 open order at the venue 0s ago

      TIERS
        ✓ data         Passed for 21m
          4 gates pass: DeploymentAvailable, PodsReportRelease, Ready, FeedFresh
          ✓ ws                  1/1
              demo-ws-768446d569-7lxdm  Running, ready, 21m
        ✓ execution    Passed for 21m
          4 gates pass: DeploymentAvailable, PodsReportRelease, Ready, SenderActive
          ✓ execution           1/1
              demo-execution-768446d569-7lxdm  Running, ready, 21m

      CONDITIONS
        Ready        True    21m    AllTiersPassed: release dedbb151541b1930 runs in all tiers
        Available    True    21m    SenderActive: execution is the sender in epoch 3
        Halted       False   21m    NotHalted

      LAST EVENTS
        20s    TierPassed  pod/demo-ws-1: probe failed
        10s    TierPassed  tier data passed"
    `);
  });

  it.each<[string, Partial<RiskStatus>, readonly string[]]>([
    ['decides', {}, ['  decides    release 4f3a of risk in epoch 2, on demo-risk-1']],
    [
      'is being replaced',
      { transition: { from: '4f3a', to: '9b1c', epoch: 3, startedAt: ago(5), pod: 'demo-risk-2' } },
      [
        '  decides    release 4f3a of risk in epoch 2, on demo-risk-1',
        '             9b1c is being activated in epoch 3, on demo-risk-2, for 5s',
      ],
    ],
    [
      'is unknown',
      { active: 'Unknown' },
      ['  decides    unknown which release of risk; highest epoch 2, on demo-risk-1'],
    ],
    ['does not exist', { active: 'none' }, ['  decides    no release of risk; highest epoch 2, on demo-risk-1']],
  ])('names the release of risk that %s', (_what, change, lines) => {
    const risk = { active: '4f3a', epoch: 2, pod: 'demo-risk-1', since: ago(90), ...change };
    const text = statusText(report(runningStatus({ risk })), at(120)).split('\n');
    const from = text.findIndex((line) => line.startsWith('  decides '));
    expect(text.slice(from, from + lines.length)).toEqual(lines);
    expect(text[from + lines.length]).toMatch(/^ {2}sender /);
  });

  it('with a stale feed, at 80 columns', () => {
    const message = 'feed: XRP/ETH: the book has not changed for 95 s, more than risk.maxFeedAgeMs of 5000 ms allows';
    const check = { name: 'feed', ok: false, reason: 'FeedStale', message: message.slice(6) };
    const pods = { known: true, value: [podView('ws', { ready: false, restarts: 2 }, { checks: [check] })] } as const;
    expect(statusText(report(degradedStatus('FeedStale', message), { pods }), at(80))).toMatchInlineSnapshot(`
      "demo  Paper  Degraded  1/2 services ready  namespace trading
        observed   7s ago by the operator
        release    dedbb151541b1930 (version 1.4.0) runs in all tiers
        trading    Active for 21m
        sender     execution blue sends orders in epoch 3
        exits      unknown, no process of risk reports its exits
        blocked by data/FeedFresh ws: FeedStale - feed: XRP/ETH: the book has not
                   changed for 95 s, more than risk.maxFeedAgeMs of 5000 ms allows
                   (kubectl tradingstack why demo)

      TIERS
        ✗ data         Degraded for 1m35s
          3 gates pass: DeploymentAvailable, PodsReportRelease, Ready
          ✗ gate FeedFresh fails in ws for 1m35s: FeedStale - feed: XRP/ETH: the book
            has not changed for 95 s, more than risk.maxFeedAgeMs of 5000 ms allows
          ✗ ws                  1/1
              demo-ws-768446d569-7lxdm  Running, not ready, 2 restarts, 21m
                ✗ check feed: FeedStale - XRP/ETH: the book has not changed for 95 s,
                  more than risk.maxFeedAgeMs of 5000 ms allows
        ✓ execution    Passed for 21m
          4 gates pass: DeploymentAvailable, PodsReportRelease, Ready, SenderActive
          ✓ execution           1/1

      CONDITIONS
        Ready        True    21m    AllTiersPassed: release dedbb151541b1930 runs in
                                    all tiers
        Available    True    21m    SenderActive: execution is the sender in epoch 3
        Halted       False   21m    NotHalted"
    `);
  });

  it('shows a halt with its sources, what is left at the venue, and a process that does not answer', () => {
    const source = {
      source: 'annotation',
      state: 'Halted',
      author: 'kubectl-tradingstack',
      reason: 'crash (by ada)',
      revision: 2,
      since: ago(65),
    } as const;
    const text = statusText(
      report(
        runningStatus({
          trading: { state: 'Halted', requested: 'Halted', since: ago(64), sources: [source] },
          halt: { active: true, since: ago(65), by: 'annotation', confirmed: { openOrders: 2, at: ago(60) } },
        }),
        {
          pods: {
            known: true,
            value: [
              podView('execution', {
                statusz: { known: false, why: 'you may not get pods/proxy in namespace trading: no', forbidden: true },
              }),
            ],
          },
        },
      ),
      at(120),
    );
    for (const part of [
      'trading    Halted for 1m4s',
      'annotation asks for Halted for 1m5s, by kubectl-tradingstack: crash (by ada)',
      '2 open orders at the venue, since 1m',
      '? its checks are unknown',
      'NOT SHOWN\n  you may not get pods/proxy in namespace trading: no',
    ])
      expect(text).toContain(part);
  });

  it.each<[string, Partial<TradingStackStatus>, readonly string[]]>([
    [
      'a release that is rolled out, its steps, and what the first one waits for',
      {
        release: {
          desired: 'b',
          target: 'b',
          current: 'a',
          lastGood: 'a',
          history: [change('b', '2'), change('a', '1')],
        },
        plan: [
          { action: 'Tier', tier: 'risk', release: 'b', waitingFor: [{ what: 'Gate', message: 'risk/Ready' }] },
          { action: 'Swap', release: 'b', from: 'blue', to: 'green', waitingFor: [] },
        ],
      },
      [
        'release    b (version 1.4.0) is being rolled out; a ran in all tiers before',
        'a (version 1) is the last good one, to which a release that fails goes back',
        'next       tier risk, and 1 more; waits for gate: risk/Ready (kubectl tradingstack plan)',
      ],
    ],
    [
      'a release that failed, and the one that runs in its place',
      {
        release: {
          desired: 'b',
          target: 'a',
          current: 'a',
          lastGood: 'a',
          failed: {
            release: 'b',
            reason: 'ImagePullBackOff',
            message: 'data/DeploymentAvailable ws: gone',
            at: ago(60),
          },
          history: [{ ...change('a', '1'), reason: 'RolledBack' }],
        },
      },
      [
        'release    a (version 1) runs in all tiers (RolledBack), and not b (version 1.4.0)',
        'b failed 1m ago: data/DeploymentAvailable ws: gone',
      ],
    ],
    [
      'both colours, the swap under way, and the last one with its gap',
      {
        execution: {
          active: 'blue',
          epoch: 3,
          blue: { release: 'a', service: 's', state: 'active', ready: 1, desired: 1 },
          green: { release: 'b', service: 't', state: 'absent', ready: 0, desired: 0 },
          transition: { from: 'blue', to: 'green', epoch: 4, startedAt: ago(2) },
          lastSwap: { from: 'green', to: 'blue', epoch: 3, at: ago(600), gapMs: 87, overlapMs: 0 },
        },
      },
      [
        'green is being activated in place of blue in epoch 4 for 2s',
        'blue: active, release a, 1 of 1 pods ready',
        'green: absent, release b, no pods wanted',
        'swapped from green to blue in epoch 3 10m ago, no order for 87 ms\n',
      ],
    ],
    [
      'a gap that was not measured',
      { execution: { active: 'blue', epoch: 3, lastSwap: { from: 'green', to: 'blue', epoch: 3, at: ago(60) } } },
      ['swapped from green to blue in epoch 3 1m ago, gap not measured yet\n'],
    ],
    [
      'two senders at once',
      {
        execution: {
          active: 'blue',
          epoch: 3,
          lastSwap: { from: 'green', to: 'blue', epoch: 3, at: ago(60), gapMs: 0, overlapMs: 7 },
        },
      },
      ['no order for 0 ms, both sent orders for 7 ms'],
    ],
  ])('shows %s', (_what, status, lines) => {
    const text = statusText(report(runningStatus(status)), at(140));
    for (const line of lines) expect(text).toContain(line);
  });

  it('says that a status is old, and how old', () => {
    const text = statusText(report(runningStatus({ observedAt: ago(400) })), at(120));
    expect(text).toContain('observed   6m40s ago: no operator observes this stack now');
    expect(statusText(report({}), at(120))).toContain('observed   never: no operator has observed this stack');
  });

  it('shows what is unknown as unknown', () => {
    const text = statusText(report({ phase: 'Pending' }), at(120));
    for (const part of [
      'mode unknown',
      'readiness unknown',
      'release    unknown (version 1.4.0)',
      'trading    unknown',
      'sender     unknown',
    ])
      expect(text).toContain(part);
    const silent = statusText(report(runningStatus({ execution: { active: 'Unknown', epoch: 3 } })), at(120));
    expect(silent).toContain('sender     unknown: a process of execution does not answer, it may be sending');
  });

  it.each([80, 120])('fits %d columns', (columns) => {
    const long = 'word '.repeat(60) + 'x'.repeat(200);
    const text = statusText(report(degradedStatus('FeedStale', long), { events: events(long, long) }), at(columns));
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(columns);
  });

  it('has colours only where the page has them, and lets no message add any', () => {
    const evil = degradedStatus('FeedStale', 'a\u001B[31mred\u0007');
    expect(statusText(report(evil), at(80))).not.toMatch(/(?!\n)\p{Cc}/u);
    const coloured = statusText(report(evil), { columns: 80, style: COLOURED });
    expect(coloured).toContain('\u001B[31mDegraded\u001B[0m');
    expect(coloured).not.toContain('a\u001B[31mred');
  });

  it('shows an account, a breaker and an obstacle of the sender', () => {
    const sender = {
      ...SENDING,
      maySend: false,
      obstacle: { reason: 'PermitExpired', message: 'no read for 3 s' },
      openOrders: null,
    };
    const breakers = {
      currency: 'ETH',
      equity: '9.98',
      dayProfit: '-0.01',
      peak: '10',
      problem: '',
      tripped: [{ breaker: 'Drawdown', symbol: '', since: ago(5), message: '12 % below the peak' }],
    };
    const pods = {
      known: true,
      value: [podView('risk', {}, { breakers }), podView('execution', {}, { sender })],
    } as const;
    const text = statusText(report(runningStatus(), { pods }), at(120));
    for (const part of [
      'active, may not send, PermitExpired - no read for 3 s, open orders unknown',
      'account    9.98 ETH, -0.01 ETH today',
      'breaker    Drawdown: 12 % below the peak',
    ])
      expect(text).toContain(part);
  });
});

it.each([
  ['by a last price', { equity: '9.98' }, 'account    9.98 ETH, -0.01 ETH today: no live price of MX/ETH'],
  ['not at all', { equity: null }, 'account    value unknown: no live price of MX/ETH'],
])('the line of the account says what is missing when it is valued %s', (_how, { equity }, line) => {
  const missing = { currency: 'ETH', equity, dayProfit: '-0.01', peak: '10', problem: 'no live price of MX/ETH' };
  const pods = { known: true, value: [podView('risk', {}, { breakers: { ...missing, tripped: [] } })] } as const;
  expect(statusText(report(runningStatus(), { pods }), at(120))).toContain(line);
});

describe('the lines of a swap and of a window', () => {
  const swap = { from: 'blue', to: 'green', epoch: 4, at: ago(90) } as const;
  const lines = (lastSwap: object): string => {
    const execution = { active: 'green', epoch: 4, lastSwap: { ...swap, ...lastSwap } } as const;
    return statusText(report(runningStatus({ execution })), at(200));
  };

  it.each([
    ['without a gap yet', {}, 'swapped from blue to green in epoch 4 1m30s ago, gap not measured yet\n'],
    [
      'with its gap',
      { gapMs: 80, overlapMs: 0 },
      'swapped from blue to green in epoch 4 1m30s ago, no order for 80 ms\n',
    ],
    ['with an overlap', { gapMs: 0, overlapMs: 7 }, 'no order for 0 ms, both sent orders for 7 ms'],
    [
      'on probation',
      { soak: { state: 'Soaking', since: ago(20), message: '' } },
      'green is on probation, without a change for 20s\n',
    ],
    [
      'passed',
      { soak: { state: 'Passed', since: ago(20), message: 'no order was sent' } },
      'green passed its probation 20s ago: no order was sent',
    ],
    [
      'failed',
      { soak: { state: 'Failed', since: ago(20), message: 'NewDrift - assets: 1' } },
      'green failed its probation 20s ago: NewDrift - assets: 1',
    ],
  ])('show a swap %s', (_what, lastSwap, line) => {
    expect(lines(lastSwap)).toContain(line);
  });

  it('show what waits for the window, since when and until when', () => {
    const waiting = { release: 'aa', since: ago(3_600), opensAt: '2026-01-02T02:00:00.000Z' };
    const release = { desired: 'aa', target: 'bb', current: 'bb', waiting };
    const text = statusText(report(runningStatus({ release })), at(200));
    expect(text).toContain('bb runs in all tiers\n');
    expect(text).toContain('aa has waited for the maintenance window for 1h; it opens at 2026-01-02T02:00:00.000Z\n');
  });
});
