import { describe, expect, it } from 'vitest';
import { ago } from '../../test/fixtures/plugin-report.ts';
import { healthyStatusz } from '../../test/harness/kube/processes-by-hand.ts';
import type { RunOptions } from '../../test/harness/plugin/run-command.ts';
import {
  STACKS,
  PODS,
  stackOf,
  pod,
  list,
  forbidden,
  useScriptedCluster,
} from '../../test/harness/plugin/scripted-cluster.ts';

const { script, plugin } = useScriptedCluster();

describe('the record', () => {
  const order = {
    order: 'o1',
    strategy: 'cross',
    symbol: 'XRP/ETH',
    side: 'buy',
    type: 'LIMIT',
    state: 'Open',
    price: '0.0014',
    quantity: '12',
    filled: '0',
    reason: null,
    intendedAt: ago(5),
  };
  const allowed = { 'POST /apis/authorization.k8s.io': { status: { allowed: true } } };
  const answering = (value: unknown, calls: string[][] = []): Partial<RunOptions> => ({
    runProgram: async (program, args, input) => {
      calls.push([program, ...args, input]);
      return await Promise.resolve({ exitCode: 0, output: `${JSON.stringify(value)}\n`, problems: '' });
    },
  });

  it('is read with psql in the pod of Postgres, read-only, for this stack only', async () => {
    const calls: string[][] = [];
    script({ ...allowed, [`GET ${STACKS}`]: list(stackOf()) });
    const { exitCode, output } = await plugin('orders --limit 7', answering([order], calls));
    expect({ exitCode, output }).toMatchObject({
      exitCode: 0,
      output: expect.stringMatching(/^AGE +STRATEGY[^\n]*\n5s +cross +XRP\/ETH +buy +Open +12 +0 +0\.0014 +o1\n$/),
    });
    expect(calls[0]?.slice(0, -1).join(' ')).toBe(
      'kubectl -n trading exec -i postgres-0 -c postgres -- env PGOPTIONS=-c default_transaction_read_only=on -c statement_timeout=10s ' +
        'psql -h /run/postgres -U postgres -d trading_ecosystem -qAtX -v ON_ERROR_STOP=1 -v stack=demo-4c7a68e2 -v limit=7 -f -',
    );
  });

  it('is refused without the right, with what execution reports instead', async () => {
    const figures = { openOrders: 3, unknownOrders: 1, orders: 90 };
    const statusz = {
      ...healthyStatusz('execution', 'r'),
      figures,
      sender: { role: 'active', fenceEpoch: 1, epoch: 1 },
    };
    script({
      'POST /apis/authorization.k8s.io': { status: { allowed: false } },
      [`GET ${STACKS}`]: list(stackOf()),
      [`GET ${PODS}/`]: statusz,
      [`GET ${PODS}`]: list(pod('execution')),
    });
    const { exitCode, problems } = await plugin('orders', answering([order]));
    expect(exitCode).toBe(3);
    expect(problems).toContain('execution reports 3 open orders, 1 with an unknown outcome, 90 in all');
    expect(problems).toContain('you may not create pods/exec in namespace trading');
  });

  it.each<[string, object, object, readonly [number, RegExp]]>([
    [
      'another Postgres',
      { postgres: { host: 'db.example.com' } },
      {},
      [4, /spec\.postgres\.host is "db\.example\.com"[\s\S]*psql -v stack=demo-4c7a68e2[\s\S]*trading\.live_orders/],
    ],
    ['no kubectl', {}, {}, [5, /kubectl could not be started/]],
    [
      'a failure of psql',
      {},
      { exitCode: 2, output: '', problems: 'FATAL: starting up' },
      [5, /psql in pod postgres-0 in namespace trading failed: FATAL: starting up/],
    ],
    [
      'another schema',
      {},
      { exitCode: 0, output: '[{"id":1}]', problems: '' },
      [5, /is not understood: its schema is of another version/],
    ],
  ])('says what is missing with %s', async (_what, spec, end, [code, problem]) => {
    script({ ...allowed, [`GET ${STACKS}`]: list(stackOf({ spec })) });
    const runProgram = async () =>
      await Promise.resolve({ exitCode: undefined, output: '', problems: 'ENOENT', ...end });
    const ran = await plugin('orders', { runProgram });
    expect(ran).toMatchObject({ exitCode: code, problems: expect.stringMatching(problem) });
  });
});

describe('positions', () => {
  it('come from the process that sends, and need no database', async () => {
    const figures = { 'position.XRP/ETH': '12.5', 'realised.XRP/ETH': '-0.01 ETH', 'unrealised.XRP/ETH': '0.02 ETH' };
    const statusz = {
      ...healthyStatusz('execution', 'r'),
      figures,
      sender: { role: 'active', fenceEpoch: 1, epoch: 1 },
    };
    script({ [`GET ${STACKS}`]: list(stackOf()), [`GET ${PODS}/`]: statusz, [`GET ${PODS}`]: list(pod('execution')) });
    const { exitCode, output } = await plugin('positions');
    expect(exitCode).toBe(0);
    expect(output).toContain('XRP/ETH  12.5      -0.01 ETH  0.02 ETH\n\nAccount: unknown, risk does not report it.');
    expect(output).not.toContain('Fees');
  });

  it('have beside their profit the fees in a third coin, which it does not contain', async () => {
    const figures = { 'realised.XRP/ETH': '1 ETH', 'thirdAssetFees.MX': '0.2 MX', 'thirdAssetFees.BNB': '0.003 BNB' };
    const sender = { role: 'active', fenceEpoch: 1, epoch: 1 };
    const statusz = { ...healthyStatusz('execution', 'r'), figures, sender };
    script({ [`GET ${STACKS}`]: list(stackOf()), [`GET ${PODS}/`]: statusz, [`GET ${PODS}`]: list(pod('execution')) });
    const { output } = await plugin('positions');
    expect(output).toContain('\n\nFees, not in the profit: 0.003 BNB, 0.2 MX.\nAccount: unknown');
    const { output: document } = await plugin('positions -o json');
    expect(JSON.parse(document)).toMatchObject({ thirdAssetFees: ['0.003 BNB', '0.2 MX'] });
  });

  it('are being left as the release of risk that decides reports it, whichever pod comes first', async () => {
    const risk = (role: 'armed' | 'active', attempts: number, reason: string) => {
      const position = {
        strategy: 'trend',
        symbol: 'XRP/ETH',
        cause: 'Flat',
        stop: null,
        since: '2026-01-01T00:00:00.000Z',
        message: '',
      };
      return {
        ...healthyStatusz('risk', 'r'),
        activation: { role, epoch: 3, release: 'r' },
        breakers: { currency: 'ETH', equity: '1', dayProfit: '0', peak: '1', problem: '', tripped: [] },
        exits: { openPositions: 1, dustPositions: 0, positions: [{ ...position, attempts, reason }] },
      };
    };
    const sender = { role: 'active', fenceEpoch: 1, epoch: 1 };
    const armedPod = pod('risk');
    const activePod = { ...armedPod, metadata: { ...armedPod.metadata, name: 'demo-risk-2', uid: 'two' } };
    script({
      [`GET ${STACKS}`]: list(stackOf()),
      [`GET ${PODS}/demo-risk-1`]: risk('armed', 0, 'SignalsUnread'),
      [`GET ${PODS}/demo-risk-2`]: risk('active', 5, 'ExitRejected'),
      [`GET ${PODS}/`]: { ...healthyStatusz('execution', 'r'), sender },
      [`GET ${PODS}`]: list(armedPod, activePod, pod('execution')),
    });
    const { output } = await plugin('positions');
    expect(output.replaceAll(/\s+/g, ' ')).toContain(
      'closing XRP/ETH (strategy trend), wanted because the strategy is flat, since 2026-01-01T00:00:00.000Z, 5 attempts; waiting: ExitRejected',
    );
  });

  it('are unknown, and not zero, if the process does not answer', async () => {
    script({
      [`GET ${STACKS}`]: list(stackOf()),
      [`GET ${PODS}/`]: forbidden,
      [`GET ${PODS}`]: list(pod('execution')),
    });
    expect(await plugin('positions')).toMatchObject({
      exitCode: 3,
      output: '',
      problems: expect.stringContaining('you may not get pods/proxy'),
    });
  });
});
