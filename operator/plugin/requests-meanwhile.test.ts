import { describe, expect, it } from 'vitest';
import { ago, runningStatus } from '../../test/fixtures/plugin-report.ts';
import { KeptStack, BY_PLUGIN } from '../../test/harness/plugin/kept-stack.ts';
import { requested as sale, tradingOf } from '../../test/harness/plugin/selling-stack.ts';
import { useScriptedCluster } from '../../test/harness/plugin/scripted-cluster.ts';
import { TRADING_STATE_ANNOTATION, TRADING_STATE_REASON_ANNOTATION } from '../api/v1alpha1/labels.ts';
import type { SourceStatus } from '../api/v1alpha1/trading-stack/status.ts';

const { script, plugin, patches, server } = useScriptedCluster();
const halt = { ...sale, source: 'annotation', state: 'Halted', author: 'bob', reason: 'flash crash (by bob)' } as const;
const annotatedSale = { ...sale, source: 'annotation' } as const;
const unobserved = (...sources: SourceStatus[]) => ({ ...tradingOf(...sources), observedAt: ago(121) });
const shows = (state: string) => ({
  [TRADING_STATE_ANNOTATION]: state,
  [TRADING_STATE_REASON_ANNOTATION]: halt.reason,
});
const TOOL = { manager: 'argocd-controller' } as const;

describe('a halt that somebody repeats', () => {
  it('while somebody else resumes is not lifted, although it changes neither state nor reason', async () => {
    let ran: unknown;
    const stack = new KeptStack({
      ...BY_PLUGIN,
      status: tradingOf(halt),
      annotations: shows('Halted'),
      between: async () => (ran = await plugin('halt demo --author ada --no-wait')),
    });
    script(stack.script());
    const { exitCode, problems } = await plugin('resume demo --author eve --no-wait');
    expect(ran).toMatchObject({ exitCode: 0 });
    expect({ exitCode, state: stack.annotations[TRADING_STATE_ANNOTATION] }).toEqual({ exitCode: 5, state: 'Halted' });
    expect(problems).toContain('somebody changed the request of demo meanwhile');
  });

  it('keeps the reason of a halt, and not that of a word that is no state', async () => {
    const stack = new KeptStack({ ...BY_PLUGIN, annotations: shows('Flatten') });
    script(stack.script());
    await plugin('halt demo --author ada --no-wait');
    expect(stack.annotations[TRADING_STATE_REASON_ANNOTATION]).toBe('no reason given (by ada)');
  });
});

describe('what a tool shows instead of a request', () => {
  it.each([
    ['resume', halt],
    ['flatten --cancel', annotatedSale],
  ] as const)('%s makes its own by removing it first, without an operator too', async (command, record) => {
    const status = unobserved(record);
    const stack = new KeptStack({ ...TOOL, status, annotations: { [TRADING_STATE_ANNOTATION]: 'Active' } });
    script(stack.script());
    expect(await plugin(`${command} demo --author ada --no-wait`)).toMatchObject({ exitCode: 0 });
    expect(stack.ownersOf(TRADING_STATE_ANNOTATION)).toEqual(['kubectl-tradingstack']);
    const states = patches().map((each) => (each as { annotations: object }).annotations);
    expect(states).toMatchObject(['Active', null, 'Active'].map((state) => ({ [TRADING_STATE_ANNOTATION]: state })));
    expect(patches().every((each) => 'resourceVersion' in each)).toBe(true);
  });

  it('is lifted when an operator returns, which is said', async () => {
    const annotations = { [TRADING_STATE_ANNOTATION]: 'Active' };
    script(new KeptStack({ ...TOOL, status: unobserved(halt), annotations }).script());
    const { exitCode, problems } = await plugin('resume demo --author ada --timeout 1');
    expect(exitCode).toBe(1);
    expect(problems).toContain('Not confirmed within 1 s: no operator observes the stack.\nRepeat the command to wait');
  });

  it('is not removed where somebody halts meanwhile', async () => {
    const stack = new KeptStack({
      ...TOOL,
      status: tradingOf(halt),
      annotations: { [TRADING_STATE_ANNOTATION]: 'Active' },
      between: async () => await plugin('halt demo --author bob --no-wait'),
    });
    script(stack.script());
    expect(await plugin('resume demo --author ada --no-wait')).toMatchObject({ exitCode: 5 });
    expect(stack.annotations[TRADING_STATE_ANNOTATION]).toBe('Halted');
  });

  it('flatten --cancel takes the false of spec.flatten over, without an operator too', async () => {
    const stack = new KeptStack({ ...TOOL, status: unobserved(sale), spec: { flatten: false } });
    script(stack.script());
    expect(await plugin('flatten demo --cancel --author ada --no-wait')).toMatchObject({ exitCode: 0 });
    expect({ owners: stack.ownersOf('flatten'), spec: stack.spec }).toEqual({
      owners: ['argocd-controller', 'kubectl-tradingstack'],
      spec: { flatten: false },
    });
  });
});

describe('a request that only the processes have, without an operator', () => {
  it.each([
    ['resume', { ...halt, unshown: true }, { annotations: { [TRADING_STATE_ANNOTATION]: 'Active' } }],
    [
      'flatten --cancel',
      { ...annotatedSale, unshown: true },
      { annotations: { [TRADING_STATE_ANNOTATION]: 'Active' } },
    ],
    ['flatten --cancel', { ...sale, unshown: true }, { spec: { flatten: false } }],
  ] as const)('%s of %j is said not to be obeyed, and fails also with --no-wait', async (command, record, shown) => {
    script(new KeptStack({ ...BY_PLUGIN, status: unobserved(record), ...shown }).script());
    const { exitCode, problems } = await plugin(`${command} demo --author ada --no-wait`);
    expect(exitCode).toBe(1);
    expect(problems).toContain('No operator observes the stack, and one that returns does not obey this before');
    expect(problems.includes('To stop it without the operator:')).toBe(command !== 'resume');
  });

  it('is shown once more only if the stack is as it was read', async () => {
    const status = tradingOf({ ...sale, unshown: true });
    const stack: KeptStack = new KeptStack({
      ...BY_PLUGIN,
      status,
      spec: { flatten: false },
      between: async () => await plugin("halt demo --reason 'other' --author bob --no-wait"),
    });
    script(stack.script());
    const { exitCode, problems } = await plugin('flatten demo --cancel --author ada');
    expect({ exitCode, spec: stack.spec }).toEqual({ exitCode: 5, spec: { flatten: false } });
    expect(problems).toContain('the object has been modified');
  });
});

it('flatten --cancel --no-wait reads once where it writes nothing', async () => {
  script(new KeptStack({ ...BY_PLUGIN, status: unobserved() }).script());
  await plugin('flatten demo --cancel --author ada --no-wait');
  expect(server().calls.filter(({ method }) => method === 'GET')).toHaveLength(2);
});

it('flatten --cancel over a halt on record takes the reason that is given', async () => {
  const stack = new KeptStack({ ...BY_PLUGIN, status: tradingOf(halt), annotations: shows('Flattening') });
  script(stack.script());
  await plugin("flatten demo --cancel --author ada --no-wait --reason 'over'");
  expect(stack.annotations).toMatchObject({
    [TRADING_STATE_ANNOTATION]: 'Halted',
    [TRADING_STATE_REASON_ANNOTATION]: 'over (by ada)',
  });
});

it('flatten --cancel of a sale that a tool has replaced by Reducing says what ends it', async () => {
  const status = runningStatus(tradingOf(annotatedSale));
  const stack = new KeptStack({ ...TOOL, status, annotations: shows('Reducing') });
  script(stack.script());
  const { problems } = await plugin('flatten demo --cancel --author ada --timeout 1');
  expect(problems).toContain('it is left as it is. While the operator ignores it, "resume" ends the sale.');
});
