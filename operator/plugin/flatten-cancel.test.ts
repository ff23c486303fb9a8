import type { ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import {
  annotatedSale,
  flattening,
  halt,
  owned,
  requested,
  shows,
  TOOL,
  tradingOf,
  unobserved,
  withdrawn,
} from '../../test/harness/plugin/selling-stack.ts';
import { sendJson, sendStatus, type ApiCall } from '../../test/harness/kube/fake-api-server.ts';
import { BY_PLUGIN, KeptStack } from '../../test/harness/plugin/kept-stack.ts';
import {
  OWN,
  requested as requestedState,
  STACKS,
  stackOf,
  useScriptedCluster,
} from '../../test/harness/plugin/scripted-cluster.ts';
import { ago } from '../../test/fixtures/plugin-report.ts';
import { TRADING_STATE_ANNOTATION, TRADING_STATE_REASON_ANNOTATION } from '../api/v1alpha1/labels.ts';

const { server, script, plugin, writes, patches } = useScriptedCluster();
const bodies = () => writes().map(({ body }) => JSON.parse(body) as unknown);

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
  /** Before any patch the second state follows after so many reads. */
  const seenAfter = (reads: number, before: object, seen: object, after: object) => {
    let [count, isPatched] = [0, false];
    return {
      [`PATCH ${STACKS}/demo`]: (response: ServerResponse) => ((isPatched = true), sendJson(response, owned())),
      [`GET ${STACKS}/demo`]: (response: ServerResponse) => {
        count += 1;
        sendJson(response, isPatched ? after : count > reads ? seen : before);
      },
    };
  };
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

  const own = { ...requested, source: 'annotation' } as const;
  const showing = (state: string, ...sources: Parameters<typeof tradingOf>) => {
    const annotations = {
      [TRADING_STATE_ANNOTATION]: state,
      [TRADING_STATE_REASON_ANNOTATION]: 'flash crash (by bob)',
    };
    return stackOf({ status: tradingOf(...sources), annotations });
  };

  it.each([
    ['Halted', own],
    ['halted', own],
    ['Reducing', own],
  ])('lifts nothing where the annotation shows %s, and something else is on record', async (shown, record) => {
    script(changing(showing(shown, record)));
    const { problems } = await plugin('flatten demo --cancel --author ada');
    expect(problems).toContain(
      `The annotation shows ${shown} (flash crash (by bob)), and ${record.state} is on record: it is left as it is.`,
    );
    expect(writes()).toEqual([]);
  });

  it.each(['Flattening', 'flattening'])(
    'sets the annotation %s to the halt on record, and lifts none',
    async (shown) => {
      const halt = { ...own, state: 'Halted' } as const;
      script(changing(showing(shown, halt), showing('Halted', halt)));
      const { exitCode, output, problems } = await plugin('flatten demo --cancel --author ada');
      expect({ exitCode, output }).toMatchObject({
        exitCode: 0,
        output: expect.stringContaining('The sale is withdrawn. The stack stays Halted:\n  annotation asks for Halted'),
      });
      expect(problems).toContain(
        `The annotation shows ${shown} (flash crash (by bob)), and Halted is on record: it is set to Halted again.`,
      );
      expect(patches()).toEqual([requestedState('Halted', 'every position is closed', '7')]);
    },
  );

  it.each(['Flattening', 'flattening'])('withdraws the annotation %s before it is on record', async (shown) => {
    script(changing(showing(shown), active));
    const { exitCode, output } = await plugin('flatten demo --cancel --author ada');
    expect({ exitCode, output }).toMatchObject({
      exitCode: 0,
      output: expect.stringContaining('The sale is withdrawn'),
    });
    expect(bodies()).toMatchObject([{ metadata: { annotations: { [TRADING_STATE_ANNOTATION]: 'Active' } } }]);
  });

  it.each([
    ['spec.flatten', stackOf({ status: tradingOf(requested) }), withdrawn],
    [
      'the annotation',
      stackOf({
        status: tradingOf(own),
        annotations: { [TRADING_STATE_ANNOTATION]: 'Active' },
      }),
      { metadata: { annotations: { [TRADING_STATE_ANNOTATION]: 'Active' } } },
    ],
  ])('requests no sale again where the operator has not taken up yet that %s is Active', async (_what, before, end) => {
    script(changing(before, active));
    expect(await plugin('flatten demo --cancel --author ada')).toMatchObject({ exitCode: 0 });
    expect(bodies()).toMatchObject([end]);
  });

  it('says of a stack that is only halted that no sale is requested', async () => {
    script(changing(showing('Halted', { ...own, state: 'Halted' })));
    const { exitCode, output } = await plugin('flatten demo --cancel --author ada');
    expect(exitCode).toBe(0);
    expect(output).toMatch(/^No sale is requested. The stack stays Halted:\n {2}annotation asks for Halted/);
    expect(writes()).toEqual([]);
  });

  it.each([
    ['not on record yet, right after flatten', owned()],
    ['only on record of the processes', owned(tradingOf({ ...requested, unshown: true }))],
  ])('withdraws a spec.flatten that is %s', async (what, before) => {
    script(changing(before, active));
    const isHidden = what.startsWith('only');
    if (isHidden) script(seenAfter(2, before, owned(flattening()), active));
    const { exitCode, problems } = await plugin('flatten demo --cancel --author ada');
    expect({ exitCode, bodies: bodies() }).toEqual({ exitCode: 0, bodies: [withdrawn] });
    expect(problems.includes('The operator must see spec.flatten true first')).toBe(isHidden);
    const written = server().calls.findIndex(({ method }) => method === 'PATCH');
    expect(written).toBe(isHidden ? 3 : 1);
    expect(problems).not.toContain('sets spec.flatten too');
  });

  it('names a tool that requests the sale again, and does not wait with --no-wait', async () => {
    const managedFields = [{ manager: 'argocd-controller', fieldsV1: { 'f:spec': { 'f:flatten': {} } } }];
    script(changing(stackOf({ managedFields, spec: { flatten: true }, status: flattening() })));
    const { exitCode, problems } = await plugin("flatten demo --cancel --author ada --no-wait --reason 'over'");
    expect({ exitCode, bodies: bodies() }).toEqual({ exitCode: 0, bodies: [withdrawn] });
    expect(problems).toContain('argocd-controller sets spec.flatten too: remove it from the manifest');
    expect(problems).toContain('--reason is not recorded: the reason of spec.flatten goes with the sale.');
    expect(server().calls.filter(({ method }) => method === 'GET')).toHaveLength(1);
  });

  it.each([
    ['Flattening', own, true],
    ['Flattening', { ...own, state: 'Halted' } as const, true],
    ['Active', own, false],
  ])(
    'names a tool that sets the annotation %s, over %j, if that requests a sale: %s',
    async (state, record, isNamed) => {
      const managedFields = [{ ...OWN, manager: 'argocd-controller' }];
      const annotations = { [TRADING_STATE_ANNOTATION]: state };
      script(changing(stackOf({ managedFields, annotations, status: tradingOf(record) })));
      const { problems } = await plugin('flatten demo --cancel --author ada --no-wait');
      expect(problems.includes('argocd-controller sets the annotation too: remove it from the manifest')).toBe(isNamed);
    },
  );

  it('without an operator says that the sale goes on, how to stop it, and what to do next', async () => {
    script(changing(owned({ ...flattening(), observedAt: ago(121) })));
    const { exitCode, problems } = await plugin('flatten demo --cancel --author ada');
    expect(exitCode).toBe(1);
    expect(problems).toContain(
      'A sale that has begun goes on. To stop it without the operator:\n' +
        "  kubectl exec -n trading deploy/demo-execution-blue -- node /app/halt.mjs --reason 'why'\n",
    );
    expect(problems).toContain('Not confirmed within 60 s: no operator observes the stack.\nWhat was requested stays.');
  });

  it('fails where it cannot be recorded that a person ends what a tool has ended', async () => {
    const unowned = stackOf({ status: tradingOf(requested) });
    script({
      [`GET ${STACKS}/demo`]: unowned,
      [`PATCH ${STACKS}/demo`]: (response: ServerResponse, { query }: ApiCall) =>
        query.has('force') ? sendStatus(response, 500, { message: 'etcd' }) : sendJson(response, unowned),
    });
    const { exitCode, output, problems } = await plugin('flatten demo --cancel --author ada --no-wait');
    expect({ exitCode, output }).toEqual({ exitCode: 5, output: '' });
    expect(problems).toMatch(
      /could not be recorded that a person ends the sale .*, so it may go on; repeat the command/,
    );
  });

  it('says that the field was written where the annotation then cannot be', async () => {
    const before = stackOf({
      spec: { flatten: true },
      status: flattening(),
      annotations: { [TRADING_STATE_ANNOTATION]: 'Flattening' },
    });
    let patched = 0;
    script({
      [`GET ${STACKS}/demo`]: before,
      [`PATCH ${STACKS}/demo`]: (response: ServerResponse) =>
        (patched += 1) === 1 ? sendJson(response, owned()) : sendStatus(response, 500, { message: 'etcd' }),
    });
    const { exitCode, output } = await plugin('flatten demo --cancel --author ada');
    expect({ exitCode, output }).toMatchObject({ exitCode: 5, output: expect.stringMatching(/^Requested: demo/) });
  });

  it('does not say that a request stays where it has written none', async () => {
    script(changing(stackOf({ status: { ...tradingOf(), observedAt: ago(121) } })));
    const { exitCode, problems } = await plugin('flatten demo --cancel --author ada');
    expect({ exitCode, problems }).toMatchObject({ exitCode: 1, problems: expect.stringContaining('\nRepeat the') });
    expect(problems).not.toContain('What was requested stays');
  });

  it('exits with 1 while another source sells, and writes no field that requests no sale', async () => {
    const other = { ...requested, source: 'command' } as const;
    script(changing(stackOf({ status: tradingOf(other) })));
    const { exitCode, output } = await plugin('flatten demo --cancel');
    expect(exitCode).toBe(1);
    expect(output).toContain('Neither spec.flatten nor the annotation requests a sale.');
    expect(output).toContain('The sale goes on, because command requests it:\n  command asks for Flattening');
    expect(writes()).toEqual([]);
  });

  it('--no-wait reads once where it writes nothing', async () => {
    script(new KeptStack({ ...BY_PLUGIN, status: unobserved() }).script());
    await plugin('flatten demo --cancel --author ada --no-wait');
    expect(server().calls.filter(({ method }) => method === 'GET')).toHaveLength(2);
  });

  it('over a halt on record takes the reason that is given', async () => {
    const stack = new KeptStack({ ...BY_PLUGIN, status: tradingOf(halt), annotations: shows('Flattening') });
    script(stack.script());
    await plugin("flatten demo --cancel --author ada --no-wait --reason 'over'");
    expect(stack.annotations).toMatchObject({
      [TRADING_STATE_ANNOTATION]: 'Halted',
      [TRADING_STATE_REASON_ANNOTATION]: 'over (by ada)',
    });
  });

  it('of a sale that a tool has replaced by Reducing says what ends it', async () => {
    const status = tradingOf(annotatedSale);
    const stack = new KeptStack({ ...TOOL, status, annotations: shows('Reducing') });
    script(stack.script());
    const { problems } = await plugin('flatten demo --cancel --author ada --timeout 1');
    expect(problems).toContain('it is left as it is. While the operator ignores it, "resume" ends the sale.');
  });

  it('fails with --no-wait where it ends one sale, and something else stands where the other one was', async () => {
    const status = tradingOf(requested, annotatedSale);
    const stack = new KeptStack({ ...BY_PLUGIN, status, annotations: shows('Reducing'), spec: { flatten: true } });
    script(stack.script());
    const { exitCode, output } = await plugin('flatten demo --cancel --author ada --no-wait');
    expect({ exitCode, output }).toMatchObject({ exitCode: 1, output: expect.stringMatching(/^Requested: demo/) });
  });
});
