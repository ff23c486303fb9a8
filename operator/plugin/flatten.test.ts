import type { ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { ago, runningStatus } from '../../test/fixtures/plugin-report.ts';
import { asking, flattening, owned } from '../../test/harness/plugin/selling-stack.ts';
import { sendJson, sendStatus, type ApiCall } from '../../test/harness/kube/fake-api-server.ts';
import { healthyStatusz } from '../../test/harness/kube/processes-by-hand.ts';
import {
  forbidden,
  list,
  pod,
  PODS,
  STACKS,
  stackOf,
  useScriptedCluster,
} from '../../test/harness/plugin/scripted-cluster.ts';
import { FLATTEN_REASON_ANNOTATION } from '../api/v1alpha1/labels.ts';
import type { TradingStackStatus } from '../api/v1alpha1/trading-stack/status.ts';

const { server, script, plugin, writes } = useScriptedCluster();
const bodies = () => writes().map(({ body }) => JSON.parse(body) as unknown);

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

  it('says that the sale runs where only its owner cannot be recorded', async () => {
    const unowned = stackOf({ spec: { flatten: true }, status: flattening('flatten') });
    script({
      [`PATCH ${STACKS}/demo`]: (response: ServerResponse, { query }: ApiCall) =>
        query.has('force') ? sendStatus(response, 500, { message: 'etcd' }) : sendJson(response, unowned),
      [`GET ${STACKS}/demo`]: unowned,
    });
    const { exitCode, output, problems } = await plugin('flatten demo --author ada');
    expect({ exitCode, output }).toMatchObject({ exitCode: 0, output: expect.stringMatching(/^Requested: demo/) });
    expect(problems).toContain('It could not be recorded that a person asked (could not patch tradingstack demo');
    expect(problems).toContain("so the tool's false ends the sale: repeat the command.");
    expect(await plugin('flatten demo --author ada --no-wait')).toMatchObject({ exitCode: 1 });
  });

  it.each([
    ['', { flatten: true }, 'flash crash (by bob)'],
    ["--reason 'again'", { flatten: true }, 'again (by ada)'],
    ['', { flatten: false }, 'no reason given (by ada)'],
  ])('keeps the reason of a sale that is requested already, if none is given: %s %j', async (flag, spec, reason) => {
    const annotations = { [FLATTEN_REASON_ANNOTATION]: 'flash crash (by bob)' };
    const fieldsV1 = {
      'f:spec': { 'f:flatten': {} },
      'f:metadata': { 'f:annotations': { [`f:${FLATTEN_REASON_ANNOTATION}`]: {} } },
    };
    const managedFields = [{ manager: 'kubectl-tradingstack', fieldsV1 }];
    script({
      [`PATCH ${STACKS}/demo`]: owned(),
      [`GET ${STACKS}/demo`]: stackOf({ spec, managedFields, annotations }),
    });
    await plugin(`flatten demo --author ada --no-wait ${flag}`);
    expect(bodies()).toEqual([asking(reason)]);
  });

  it('ends the wait where the stack may not be read', async () => {
    script({ [`PATCH ${STACKS}/demo`]: owned(), [`GET ${STACKS}/demo`]: forbidden });
    const { exitCode, output, problems } = await plugin('flatten demo --author ada --reason why');
    expect({ exitCode, output }).toMatchObject({ exitCode: 3, output: expect.stringMatching(/^Requested: demo/) });
    expect(problems).toContain('error: you may not get tradingstack demo in namespace trading');
    expect(problems).toContain('What was requested stays');
    expect(problems).not.toContain('without the operator');
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
    const { exitCode, problems } = await plugin('flatten demo --author ada --reason why');
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

  it('waits ten minutes by default, and not with --no-wait', async () => {
    script({ [`PATCH ${STACKS}/demo`]: owned(), [`GET ${STACKS}/demo`]: stackOf({ status: flattening() }) });
    expect((await plugin('flatten demo --author ada')).problems).toContain('Not sold within 600 s');
    const before = server().calls.length;
    expect(await plugin('flatten demo --author ada --reason why --no-wait')).toMatchObject({ exitCode: 0 });
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
