import { describe, expect, it } from 'vitest';
import { KeptStack, BY_PLUGIN } from '../../test/harness/plugin/kept-stack.ts';
import {
  annotatedSale,
  halt,
  requested as sale,
  shows,
  TOOL,
  tradingOf,
  unobserved,
} from '../../test/harness/plugin/selling-stack.ts';
import { OWN, STACKS, stackOf, useScriptedCluster } from '../../test/harness/plugin/scripted-cluster.ts';
import {
  FLATTEN_REQUEST_ANNOTATION,
  TRADING_STATE_ANNOTATION,
  TRADING_STATE_REASON_ANNOTATION,
  TRADING_STATE_REQUEST_ANNOTATION,
} from '../api/v1alpha1/labels.ts';

const { script, plugin, patches, writes } = useScriptedCluster();

interface Written {
  readonly metadata: { readonly annotations: Readonly<Record<string, string>> };
}

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
  ] as const)(
    '%s makes its own by writing it in another case first, without an operator too',
    async (command, record) => {
      const status = unobserved(record);
      const stack = new KeptStack({ ...TOOL, status, annotations: { [TRADING_STATE_ANNOTATION]: 'Active' } });
      script(stack.script());
      expect(await plugin(`${command} demo --author ada --no-wait`)).toMatchObject({ exitCode: 0 });
      expect(stack.ownersOf(TRADING_STATE_ANNOTATION)).toEqual(['kubectl-tradingstack']);
      const states = patches().map((each) => (each as { annotations: object }).annotations);
      expect(states).toMatchObject(
        ['Active', 'active', 'Active'].map((state) => ({ [TRADING_STATE_ANNOTATION]: state })),
      );
      expect(patches().every((each) => 'resourceVersion' in each)).toBe(true);
    },
  );

  it('is lifted when an operator returns, which is said', async () => {
    const annotations = { [TRADING_STATE_ANNOTATION]: 'Active' };
    script(new KeptStack({ ...TOOL, status: unobserved(halt), annotations }).script());
    const { exitCode, problems } = await plugin('resume demo --author ada --timeout 1');
    expect(exitCode).toBe(1);
    expect(problems).toContain('Not confirmed within 1 s: no operator observes the stack.\nRepeat the command to wait');
  });

  it('halt makes its own too, and the annotation asks for a halt all the time', async () => {
    const stack = new KeptStack({ ...TOOL, annotations: shows('Halted') });
    script(stack.script());
    expect(await plugin('halt demo --author ada --no-wait')).toMatchObject({ exitCode: 0 });
    expect(stack.ownersOf(TRADING_STATE_ANNOTATION)).toEqual(['kubectl-tradingstack']);
    const states = patches().map((each) => (each as { annotations: object }).annotations);
    expect(states).toMatchObject(
      ['Halted', 'halted', 'Halted'].map((state) => ({ [TRADING_STATE_ANNOTATION]: state })),
    );
  });

  it.each([
    ['halt', 'Halted'],
    ['resume', 'Active'],
  ])('%s fails where a tool sets it again each time', async (command, state) => {
    const status = tradingOf(halt);
    const stack = stackOf({ status, annotations: shows(state), managedFields: [{ ...OWN, ...TOOL }] });
    script({ [`GET ${STACKS}/demo`]: stack, [`PATCH ${STACKS}/demo`]: stack });
    const { exitCode, problems } = await plugin(`${command} demo --author ada --no-wait`);
    expect(exitCode).toBe(5);
    expect(problems).toContain(`the annotation of demo asks for ${state}, but a tool sets it again each time`);
  });

  it('is perhaps lifted where the tool sets it again in between, and the error does not deny that', async () => {
    const annotations = { [TRADING_STATE_ANNOTATION]: 'Active' };
    const stack: KeptStack = new KeptStack({
      ...TOOL,
      status: tradingOf(halt),
      annotations,
      after: () => {
        if (stack.annotations[TRADING_STATE_ANNOTATION] !== 'active') return;
        stack.write({ metadata: { annotations } }, TOOL.manager);
      },
    });
    script(stack.script());
    const { exitCode, problems } = await plugin('resume demo --author ada --no-wait');
    expect(exitCode).toBe(5);
    expect(problems).toContain('asks for Active (resumed (by ada)); "kubectl tradingstack why" says what is lifted.');
  });

  it('is not replaced where somebody halts meanwhile', async () => {
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
    // A null in an apply would be a value.
    expect(writes().at(-1)?.body).not.toContain('null');
  });

  it.each([
    ['flatten', true, 'flatten demo --cancel --author bob --no-wait', 'spec.flatten is false'],
    ['flatten --cancel', false, 'flatten demo --author bob --no-wait', 'spec.flatten is true'],
  ])('%s does not undo what somebody else requests meanwhile', async (command, flatten, other, found) => {
    let ran: unknown;
    const between = async () => (ran = await plugin(other));
    const stack = new KeptStack({ ...TOOL, status: tradingOf(sale), spec: { flatten }, between });
    script(stack.script());
    const { exitCode, problems } = await plugin(`${command} demo --author ada --no-wait`);
    expect(ran).toMatchObject({ exitCode: 0 });
    expect({ exitCode, spec: stack.spec }).toEqual({ exitCode: 5, spec: { flatten: !flatten } });
    expect(problems).toContain(`somebody changed the spec of demo meanwhile: ${found}. Look at it, and repeat`);
  });

  it.each(['flatten', 'flatten --cancel'])('%s is recorded although the operator writes meanwhile', async (command) => {
    const stack: KeptStack = new KeptStack({
      ...TOOL,
      status: tradingOf(sale),
      spec: { flatten: command === 'flatten' },
      between: async () => await Promise.resolve(stack.writeStatus()),
    });
    script(stack.script());
    expect(await plugin(`${command} demo --author ada --no-wait`)).toMatchObject({ exitCode: 0 });
    expect(stack.ownersOf('flatten')).toContain('kubectl-tradingstack');
  });
});

it.each([
  ['halt demo --reason why --author ada --no-wait', BY_PLUGIN, TRADING_STATE_REQUEST_ANNOTATION],
  ['flatten demo --reason why --author ada --no-wait', TOOL, FLATTEN_REQUEST_ANNOTATION],
])('%s has another ID each time', async (command, manager, annotation) => {
  const stack = new KeptStack({ ...manager, spec: { flatten: true } });
  script(stack.script());
  const ids = new Set<unknown>();
  for (let count = 0; count < 2; count += 1) {
    await plugin(command);
    for (const { body } of writes()) ids.add((JSON.parse(body) as Written).metadata.annotations[annotation]);
  }
  expect(ids.size).toBe(writes().length);
});
