import type { ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { ago } from '../../test/fixtures/plugin-report.ts';
import { sendJson } from '../../test/harness/kube/fake-api-server.ts';
import { KeptStack, BY_PLUGIN } from '../../test/harness/plugin/kept-stack.ts';
import {
  annotatedSale,
  halt,
  owned,
  requested as sale,
  shows,
  tradingOf,
  unobserved,
} from '../../test/harness/plugin/selling-stack.ts';
import { OWN, STACKS, stackOf, useScriptedCluster } from '../../test/harness/plugin/scripted-cluster.ts';
import { TRADING_STATE_ANNOTATION } from '../api/v1alpha1/labels.ts';

const { script, plugin } = useScriptedCluster();

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

  it('fails although spec.flatten ends another sale', async () => {
    const status = unobserved(sale, { ...annotatedSale, unshown: true });
    const annotations = { [TRADING_STATE_ANNOTATION]: 'Active' };
    script(new KeptStack({ ...BY_PLUGIN, status, annotations, spec: { flatten: true } }).script());
    expect(await plugin('flatten demo --cancel --author ada --no-wait')).toMatchObject({ exitCode: 1 });
  });
});

describe('a sale that only the processes have', () => {
  const status = tradingOf({ ...sale, unshown: true });

  it('is not shown once more where somebody has ended it meanwhile', async () => {
    const stack: KeptStack = new KeptStack({
      ...BY_PLUGIN,
      status,
      spec: { flatten: false },
      between: async () => {
        stack.write({ spec: { flatten: true } }, 'kubectl-patch');
        stack.write({ spec: { flatten: false } }, 'kubectl-patch');
        await Promise.resolve();
      },
    });
    script(stack.script());
    const { exitCode, problems } = await plugin('flatten demo --cancel --author ada');
    expect({ exitCode, spec: stack.spec }).toEqual({ exitCode: 5, spec: { flatten: false } });
    expect(problems).toContain('somebody changed the spec of demo meanwhile: spec.flatten is false.');
  });

  it('is shown although the operator writes meanwhile', async () => {
    const stack: KeptStack = new KeptStack({
      ...BY_PLUGIN,
      status,
      spec: { flatten: false },
      between: async () => await Promise.resolve(stack.writeStatus()),
    });
    script(stack.script());
    await plugin('flatten demo --cancel --author ada --timeout 1');
    expect(stack.spec).toEqual({ flatten: true });
  });
});

describe('a request that the annotation shows, and the operator has not seen since a restore', () => {
  it.each([
    ['resume', halt],
    ['flatten --cancel', annotatedSale],
  ] as const)('%s of %j is not written before the operator has seen it', async (command, record) => {
    let reads = 0;
    const stack = (unshown: boolean) =>
      stackOf({
        status: tradingOf(unshown ? { ...record, unshown: true } : record),
        annotations: shows(record.state),
        managedFields: [OWN],
      });
    const readsBefore: number[] = [];
    script({
      [`GET ${STACKS}/demo`]: (response: ServerResponse) => sendJson(response, stack((reads += 1) < 4)),
      [`PATCH ${STACKS}/demo`]: (response: ServerResponse) => {
        readsBefore.push(reads);
        sendJson(response, stack(false));
      },
    });
    const { exitCode, problems } = await plugin(`${command} demo --author ada --no-wait`);
    expect({ exitCode, readsBefore }).toEqual({ exitCode: 0, readsBefore: [4] });
    expect(problems).toContain(`The operator must see first that the annotation shows ${record.state}; no halt is`);
  });
});

it('flatten --cancel says how to stop the sale where the operator ends while it waits to be seen', async () => {
  const status = tradingOf({ ...sale, unshown: true });
  let reads = 0;
  script({
    [`GET ${STACKS}/demo`]: (response: ServerResponse) =>
      sendJson(response, owned((reads += 1) < 2 ? status : { ...status, observedAt: ago(121) })),
  });
  const { exitCode, problems } = await plugin('flatten demo --cancel --author ada');
  expect(exitCode).toBe(5);
  expect(problems).toContain('A sale that has begun goes on. To stop it without the operator:');
  expect(problems).toContain('no operator observes the stack; the request stays. Repeat the command');
});
