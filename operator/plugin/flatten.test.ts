import type { ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { ago, runningStatus } from '../../test/fixtures/plugin-report.ts';
import { sendJson, sendStatus } from '../../test/harness/kube/fake-api-server.ts';
import { healthyStatusz } from '../../test/harness/kube/processes-by-hand.ts';
import { list, pod, PODS, STACKS, stackOf, useScriptedCluster } from '../../test/harness/plugin/scripted-cluster.ts';
import { TRADING_STATE_ANNOTATION } from '../api/v1alpha1/labels.ts';
import type { SourceStatus, TradingStackStatus } from '../api/v1alpha1/trading-stack/status.ts';
import { FLATTEN_REASON_ANNOTATION } from '../controllers/trading-stack/trading/requests/flatten-reason-annotation.ts';

const { server, script, plugin, writes } = useScriptedCluster();

/** Entry of managedFields that says that the plugin set the field. */
const OWN = { manager: 'kubectl-tradingstack', fieldsV1: { 'f:spec': { 'f:flatten': {} } } };
const owned = (status?: TradingStackStatus) =>
  stackOf({ managedFields: [OWN], spec: { flatten: true }, ...(status === undefined ? {} : { status }) });
const bodies = () => writes().map(({ body }) => JSON.parse(body) as unknown);
const asking = (reason: string) => ({
  metadata: { annotations: { [FLATTEN_REASON_ANNOTATION]: reason } },
  spec: { flatten: true },
});

const asked = { author: 'risk', reason: 'every position is closed', revision: 1, since: ago(9) } as const;
const tradingOf = (...sources: SourceStatus[]): TradingStackStatus => {
  const isHalted = sources.some(({ state }) => state === 'Halted');
  const state = isHalted ? 'Halted' : sources.some((each) => each.state === 'Flattening') ? 'Flattening' : 'Active';
  return runningStatus({
    trading: { state, requested: state, since: ago(9), sources },
    halt: { active: isHalted },
    conditions: [
      {
        type: 'Halted',
        status: 'False',
        reason: 'FlatteningRequested',
        message: 'open positions: 3',
        observedGeneration: 1,
        lastTransitionTime: ago(9),
      },
    ],
  });
};
const requested = { source: 'spec-flatten', state: 'Flattening', ...asked } as const;
const flattening = (...others: string[]): TradingStackStatus =>
  tradingOf(requested, ...others.map((source) => ({ source, state: 'Halted', ...asked }) as const));

describe('flatten', () => {
  it('sets spec.flatten with its reason, before it reads, and reports that everything is sold', async () => {
    script({
      [`PATCH ${STACKS}/demo`]: owned(),
      [`GET ${STACKS}/demo`]: stackOf({ status: flattening('flatten') }),
    });
    const { exitCode, output } = await plugin("flatten demo --reason 'flash crash' --author ada");
    expect(server().calls[0]?.method).toBe('PATCH');
    expect(server().calls[0]?.query.get('fieldManager')).toBe('kubectl-tradingstack');
    expect(bodies()).toEqual([asking('flash crash (by ada)')]);
    expect({ exitCode, output }).toMatchObject({
      exitCode: 0,
      output: expect.stringContaining('Sold, and halted by risk: every position is closed.'),
    });
    expect(output).toContain('To stop the sale: kubectl tradingstack halt -n trading demo\n');
    expect(output).toMatch(/To trade again: kubectl tradingstack flatten -n trading demo --cancel\n$/);
  });

  it('of a stack whose manifest had set it already is applied too, so that a person owns it', async () => {
    script({ [`PATCH ${STACKS}/demo`]: stackOf({ spec: { flatten: true } }) });
    expect(await plugin('flatten demo --author ada --no-wait')).toMatchObject({ exitCode: 0 });
    // Only an apply can be forced.
    expect(writes().map(({ query }) => query.get('force'))).toEqual([null, 'true']);
    const { metadata, spec } = asking('no reason given (by ada)');
    expect(bodies()[1]).toMatchObject({ metadata: { ...metadata, name: 'demo', uid: '4c7a68e2-e70d' }, spec });
  });

  it('names the positions that cannot be sold', async () => {
    const position = { symbol: 'XRP/ETH', strategy: 'breakout', cause: 'Flattening', since: ago(90), attempts: 0 };
    const dust = { ...position, reason: 'BelowMinimum', message: '0.05 is below the minimum of the venue' };
    const exits = { openPositions: 0, dustPositions: 1, positions: [dust] };
    script({
      [`PATCH ${STACKS}/demo`]: owned(),
      [`GET ${STACKS}/demo`]: stackOf({ status: flattening('flatten') }),
      [`GET ${PODS}/`]: { ...healthyStatusz('risk', 'r'), exits },
      [`GET ${PODS}`]: list(pod('risk')),
    });
    const { output } = await plugin('flatten demo --author ada');
    expect(output).toContain(
      'Sold, and halted by risk, except for 1 position that cannot be sold:\n' +
        '  XRP/ETH of breakout: BelowMinimum - 0.05 is below the minimum of the venue\n',
    );
    expect(output).not.toContain('every position is closed');
  });

  it.each<[string, TradingStackStatus, string]>([
    ['is not taken up', runningStatus(), 'the operator has not taken up the request yet'],
    ['sells', flattening(), 'open positions: 3'],
    [
      'is sold, not halted everywhere',
      { ...flattening('flatten'), halt: { active: false } },
      'sold; waiting for every process to report the halt: open positions: 3',
    ],
  ])('exits with 1 while it %s, and says why', async (_what, status, line) => {
    script({ [`PATCH ${STACKS}/demo`]: owned(), [`GET ${STACKS}/demo`]: stackOf({ status }) });
    const { exitCode, problems } = await plugin('flatten demo --author ada --timeout 1');
    expect({ exitCode, problems }).toMatchObject({
      exitCode: 1,
      problems: expect.stringContaining(`Not sold within 1 s: ${line}`),
    });
    expect(problems).toContain('Interrupting ends the wait only, not the sale.');
  });

  it('ends at once under a halt, and says how to lift it', async () => {
    script({
      [`PATCH ${STACKS}/demo`]: owned(),
      [`GET ${STACKS}/demo`]: stackOf({ status: flattening('annotation', 'spec') }),
    });
    const { exitCode, problems } = await plugin('flatten demo --author ada');
    expect(exitCode).toBe(1);
    expect(server().calls.filter(({ method }) => method === 'GET')).toHaveLength(1);
    expect(problems).toContain('Not sold: the stack is halted by annotation, spec, and a halt sells no position.');
    expect(problems).toContain('    lifted by kubectl tradingstack resume -n trading demo\n');
    expect(problems).not.toContain('--cancel');
  });

  it('says once how to sell without the operator if it does not take the request up', async () => {
    script({ [`PATCH ${STACKS}/demo`]: owned(), [`GET ${STACKS}/demo`]: stackOf() });
    const { exitCode, problems } = await plugin('flatten demo --author ada --timeout 20');
    expect(exitCode).toBe(1);
    expect(problems.match(/To sell without the operator/g)).toHaveLength(1);
    expect(problems).toContain(
      'kubectl exec -n trading deploy/demo-execution-blue -- node /app/halt.mjs --state Flattening --author',
    );
  });

  it('waits ten minutes unless it is told otherwise, and not with --no-wait', async () => {
    script({ [`PATCH ${STACKS}/demo`]: owned(), [`GET ${STACKS}/demo`]: stackOf({ status: flattening() }) });
    expect((await plugin('flatten demo --author ada')).problems).toContain('Not sold within 600 s');
    const before = server().calls.length;
    expect(await plugin('flatten demo --author ada --no-wait')).toMatchObject({ exitCode: 0 });
    expect(server().calls.slice(before)).toHaveLength(1);
  });

  it('of a stack that does not exist names those that do', async () => {
    script({
      [`PATCH ${STACKS}/nope`]: (response: ServerResponse) => sendStatus(response, 404, { reason: 'NotFound' }),
      'GET /apis/tradingstack.dev/v1alpha1/tradingstacks': list(stackOf()),
    });
    expect(await plugin('flatten nope --author ada')).toMatchObject({
      exitCode: 4,
      problems: 'error: there is no TradingStack nope in namespace trading; there is -n trading demo\n',
    });
  });
});

describe('flatten --cancel', () => {
  /** Before the first patch, after it, and so on; the last one stays. */
  const changing = (...states: object[]) => {
    let patched = 0;
    return {
      [`PATCH ${STACKS}/demo`]: (response: ServerResponse) => ((patched += 1), sendJson(response, owned())),
      [`GET ${STACKS}/demo`]: (response: ServerResponse) =>
        sendJson(response, states[Math.min(patched, states.length - 1)] ?? {}),
    };
  };
  const withdrawn = { metadata: { annotations: { [FLATTEN_REASON_ANNOTATION]: null } }, spec: { flatten: false } };
  const active = stackOf({ status: tradingOf() });

  it('sets spec.flatten to false, and is done once the stack trades', async () => {
    script(changing(owned(flattening('flatten')), active));
    const { exitCode, output } = await plugin('flatten demo --cancel --author ada');
    expect({ exitCode, output }).toMatchObject({ exitCode: 0, output: expect.stringContaining('Active: risk and') });
    expect(bodies()).toEqual([withdrawn]);
  });

  it('lifts the annotation too where it requests Flattening, and no halt', async () => {
    const own = { ...requested, source: 'annotation' } as const;
    const annotations = { [TRADING_STATE_ANNOTATION]: 'Flattening' };
    script(changing(stackOf({ status: tradingOf(own), annotations }), active));
    expect(await plugin('flatten demo --cancel --author ada')).toMatchObject({ exitCode: 0 });
    expect(bodies()).toMatchObject([
      { metadata: { resourceVersion: '7', annotations: { [TRADING_STATE_ANNOTATION]: 'Active' } } },
    ]);
    const halt = { ...own, state: 'Halted' } as const;
    script(changing(owned(tradingOf(requested, halt)), stackOf({ status: tradingOf(halt) })));
    const { exitCode, output } = await plugin('flatten demo --cancel --author ada');
    expect(exitCode).toBe(0);
    expect(output).toContain('The sale is withdrawn. The stack stays Halted:\n  annotation asks for Halted');
    expect(bodies().slice(1)).toEqual([withdrawn]);
  });

  it('shows a request once more that a tool has set to false, so that the operator obeys the end', async () => {
    const ignored = tradingOf(requested);
    const trading = { ...ignored.trading, ignored: 'spec.flatten is Active' } as typeof ignored.trading;
    const before = stackOf({ status: { ...ignored, ...(trading && { trading }) } });
    script(changing(before, owned(flattening()), active));
    expect(await plugin('flatten demo --cancel --author ada')).toMatchObject({ exitCode: 0 });
    expect(bodies()).toEqual([asking('withdrawn (by ada)'), withdrawn]);
  });

  it('exits with 1 while another source sells, and writes no field that requests no sale', async () => {
    const other = { ...requested, source: 'command' } as const;
    script(changing(stackOf({ status: tradingOf(other) })));
    const { exitCode, output } = await plugin('flatten demo --cancel');
    expect(exitCode).toBe(1);
    expect(output).toContain('Neither spec.flatten nor the annotation requests a sale.');
    expect(output).toContain('The sale goes on, because command requests it too:\n  command asks for Flattening');
    expect(writes()).toEqual([]);
  });
});
