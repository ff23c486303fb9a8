import type { ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { ago, runningStatus } from '../../test/fixtures/plugin-report.ts';
import { sendJson, sendStatus } from '../../test/harness/kube/fake-api-server.ts';
import { runCommand } from '../../test/harness/plugin/run-command.ts';
import { TRADING_STATE_ANNOTATION, TRADING_STATE_REASON_ANNOTATION } from '../api/v1alpha1/labels.ts';
import type { TradingStackStatus } from '../api/v1alpha1/trading-stack/status.ts';
import { STACKS, OWN, stackOf, requested, useScriptedCluster } from '../../test/harness/plugin/scripted-cluster.ts';

const { server, script, plugin, writes, patches } = useScriptedCluster();

const halted = (openOrders?: number, ...others: string[]): TradingStackStatus => {
  const source = (name: string) =>
    ({ source: name, state: 'Halted', author: 'bob', reason: 'why', revision: 1, since: ago(9) }) as const;
  const sources = ['annotation', ...others].map(source);
  const confirmed = openOrders === undefined ? {} : { confirmed: { openOrders, at: ago(1) } };
  return runningStatus({
    trading: { state: 'Halted', requested: 'Halted', since: ago(9), sources },
    halt: { active: true, since: ago(9), ...confirmed },
  });
};

describe('halt', () => {
  it('of a named stack reads nothing before it writes', async () => {
    script({
      [`PATCH ${STACKS}/demo`]: stackOf({ managedFields: [OWN] }),
      [`GET ${STACKS}/demo`]: stackOf({ status: halted(0) }),
    });
    const { exitCode } = await plugin("halt demo --reason 'flash crash' --author ada");
    expect(exitCode).toBe(0);
    expect(server().calls[0]?.method).toBe('PATCH');
    expect(server().calls[0]?.query.get('fieldManager')).toBe('kubectl-tradingstack');
    expect(patches()).toEqual([requested('Halted', 'flash crash (by ada)')]);
  });

  it('is written again where another owner had asked for it, so that a person owns it', async () => {
    let count = 0;
    script({
      [`PATCH ${STACKS}/demo`]: (response: ServerResponse) => {
        count += 1;
        sendJson(response, stackOf({ managedFields: count === 3 ? [OWN] : [] }));
      },
    });
    expect(await plugin('halt demo --author ada --no-wait')).toMatchObject({ exitCode: 0 });
    const reason = 'no reason given (by ada)';
    expect(patches()).toEqual([requested('Halted', reason), requested('halted', reason), requested('Halted', reason)]);
  });

  it('halts although the API server answers neither who the user is nor what is requested already', async () => {
    script({
      'POST /apis/authentication.k8s.io': () => undefined,
      [`GET ${STACKS}/demo`]: () => undefined,
      [`PATCH ${STACKS}/demo`]: stackOf({ managedFields: [OWN] }),
    });
    const startedMs = performance.now();
    expect(await plugin('halt demo --no-wait')).toMatchObject({ exitCode: 0 });
    expect(performance.now() - startedMs).toBeLessThan(4_000);
    expect(patches()).toEqual([requested('Halted', 'no reason given (by an unknown user)')]);
  });

  it.each([
    ['', 'Halted', 'flash crash (by bob)'],
    ["--reason 'again'", 'Halted', 'again (by ada)'],
    ['', 'Active', 'no reason given (by ada)'],
    ['', 'Flattening', 'no reason given (by ada)'],
  ])('keeps the reason of a halt that is requested already, if none is given: %s %s', async (flag, state, reason) => {
    const annotations = {
      [TRADING_STATE_ANNOTATION]: state,
      [TRADING_STATE_REASON_ANNOTATION]: 'flash crash (by bob)',
    };
    script({
      [`PATCH ${STACKS}/demo`]: stackOf({ managedFields: [OWN] }),
      [`GET ${STACKS}/demo`]: stackOf({ annotations }),
    });
    await plugin(`halt demo --author ada --no-wait ${flag}`);
    expect(patches()).toEqual([requested('Halted', reason)]);
  });

  it('says how to halt without the operator if it does not take the halt up', async () => {
    script({ [`PATCH ${STACKS}/demo`]: stackOf({ managedFields: [OWN] }), [`GET ${STACKS}/demo`]: stackOf() });
    const { exitCode, problems } = await plugin('halt demo --author ada --timeout 10');
    expect(exitCode).toBe(1);
    expect(problems.match(/To halt without the operator/g)).toHaveLength(1);
    expect(problems).toContain(
      "kubectl exec -n trading deploy/demo-execution-blue -- node /app/halt.mjs --reason 'why'",
    );
    expect(problems).toContain('Not confirmed within 10 s: the operator has not taken up the halt yet');
  });

  it('waits on while the stack cannot be read', async () => {
    let count = 0;
    script({
      [`PATCH ${STACKS}/demo`]: stackOf({ managedFields: [OWN] }),
      [`GET ${STACKS}/demo`]: (response: ServerResponse) => {
        count += 1;
        if (count < 3) sendStatus(response, 500, { message: 'etcd' });
        else sendJson(response, stackOf({ status: halted(0) }));
      },
    });
    const { exitCode, problems } = await plugin('halt demo --author ada');
    expect({ exitCode, problems }).toMatchObject({
      exitCode: 0,
      problems: expect.stringContaining('could not get tradingstack demo'),
    });
  });

  it.each([
    ["halt demo --reason ''", '--reason is ""; it must not be empty'],
    [`halt demo --reason ${'x'.repeat(181)}`, '--reason is'],
    ['halt demo --timeout 0', '--timeout is "0"; it must be a whole number from 1 to 3600'],
  ])('%s is a wrong call, and asks nothing of the cluster', async (args, problem) => {
    const words = args.endsWith("''") ? ['halt', 'demo', '--reason', ' '] : args.split(' ');
    const ran = await runCommand(words, { kubeConfig: server().kubeConfig });
    expect(ran).toMatchObject({ exitCode: 2, problems: expect.stringContaining(problem) });
    expect(server().calls).toEqual([]);
  });
});

describe('resume', () => {
  const shown = { [TRADING_STATE_ANNOTATION]: 'Halted', [TRADING_STATE_REASON_ANNOTATION]: 'why' };
  const active = runningStatus({ trading: { state: 'Active', requested: 'Active', since: ago(1), sources: [] } });

  it('lifts only what it has read: the patch names the version', async () => {
    let isLifted = false;
    script({
      [`PATCH ${STACKS}/demo`]: (response: ServerResponse) => (
        (isLifted = true),
        sendJson(response, stackOf({ managedFields: [OWN] }))
      ),
      [`GET ${STACKS}/demo`]: (response: ServerResponse) =>
        sendJson(response, isLifted ? stackOf({ status: active }) : stackOf({ status: halted(0), annotations: shown })),
    });
    expect(await plugin('resume demo --author ada')).toMatchObject({
      exitCode: 0,
      output: expect.stringContaining('Lifting the halt by annotation, requested 9s ago by bob: why\nRequested: demo'),
    });
    expect(patches()).toEqual([requested('Active', 'resumed (by ada)', '7')]);
  });

  it('shows what only the processes have, and lifts it once the operator has seen that', async () => {
    const { trading } = halted(0);
    const sources = (trading?.sources ?? []).map((source) => ({ ...source, unshown: true }));
    const unshown = runningStatus({ ...(trading && { trading: { ...trading, sources } }) });
    let [patched, reads, readsBefore] = [0, 0, 0];
    script({
      [`PATCH ${STACKS}/demo`]: (response: ServerResponse) => {
        patched += 1;
        if (patched === 2) readsBefore = reads;
        sendJson(response, stackOf({ annotations: shown, managedFields: [OWN] }));
      },
      [`GET ${STACKS}/demo`]: (response: ServerResponse) => {
        reads += 1;
        const annotations = { [TRADING_STATE_ANNOTATION]: 'Active' };
        const status = patched === 2 ? active : reads < 4 ? unshown : halted(0);
        sendJson(response, stackOf({ status, annotations }));
      },
    });
    expect(await plugin('resume demo --author ada')).toMatchObject({ exitCode: 0 });
    expect(patches()).toMatchObject([requested('Halted', 'why', '7'), requested('Active', 'resumed (by ada)')]);
    expect(readsBefore).toBe(4);
  });

  it('names what it lifts, which is what is shown, and not a request on record that it has replaced', async () => {
    const annotations = { [TRADING_STATE_ANNOTATION]: 'Reducing', [TRADING_STATE_REASON_ANNOTATION]: 'later (by eve)' };
    script({
      [`PATCH ${STACKS}/demo`]: stackOf({ managedFields: [OWN] }),
      [`GET ${STACKS}/demo`]: stackOf({ status: halted(0), annotations }),
    });
    const { output } = await plugin('resume demo --author ada --no-wait');
    expect(output).toMatch(/^Lifting the state Reducing by annotation: later \(by eve\)\n/);
  });

  it('tries again after a write of the operator, and lifts no halt that somebody has set meanwhile', async () => {
    let [conflicts, reads] = [0, 0];
    script({
      [`PATCH ${STACKS}/demo`]: (response: ServerResponse) => {
        conflicts += 1;
        sendStatus(response, 409, { reason: 'Conflict', message: 'the object has been modified' });
      },
      [`GET ${STACKS}/demo`]: (response: ServerResponse) => {
        reads += 1;
        const annotations = reads < 3 ? shown : { ...shown, [TRADING_STATE_REASON_ANNOTATION]: 'a second crash' };
        sendJson(response, stackOf({ status: halted(0), annotations }));
      },
    });
    const { exitCode, problems } = await plugin('resume demo --author ada');
    expect({ exitCode, conflicts }).toEqual({ exitCode: 5, conflicts: 2 });
    expect(problems).toContain(
      'somebody changed the request of demo meanwhile: the annotation asks for Halted (a second crash)',
    );
  });

  it('writes nothing where the annotation shows Active in another case', async () => {
    script({
      [`GET ${STACKS}/demo`]: stackOf({ status: active, annotations: { [TRADING_STATE_ANNOTATION]: 'active' } }),
    });
    const { exitCode, output } = await plugin('resume demo --author ada');
    expect(exitCode).toBe(0);
    expect(output).toContain('The annotation requests no halt, so this command has none to lift.');
    expect(writes()).toEqual([]);
  });

  it('writes nothing and exits with 1 where only others restrict', async () => {
    const sources = halted(0, 'desk').trading?.sources ?? [];
    const trading = { state: 'Halted', requested: 'Halted', since: ago(9), sources: sources.slice(1) } as const;
    const status = runningStatus({ trading });
    script({ [`GET ${STACKS}/demo`]: stackOf({ status }) });
    const { exitCode, output } = await plugin('resume demo --author ada');
    expect(exitCode).toBe(1);
    expect(output).toContain(
      "desk asks for Halted for 9s, by bob: why\n    lifted by a row of trading.halts with source 'desk'",
    );
    expect(output).not.toMatch(/nothing/i);
    expect(writes()).toEqual([]);
  });
});
