import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { sampleStack } from '../../../test/fixtures/sample-stack.ts';
import { controllersByHand, type ControllersByHand } from '../../../test/harness/kube/controllers-by-hand.ts';
import { newNamespace, testKubeClient } from '../../../test/harness/kube/kube-client.ts';
import { processesByHand, type ProcessesByHand } from '../../../test/harness/kube/processes-by-hand.ts';
import { startOperator, type RunningOperator } from '../../../test/harness/kube/running-operator.ts';
import { installTradingStackCrd } from '../../../test/harness/kube/trading-stack-crd.ts';
import { until } from '../../../test/harness/until.ts';
import { TRADING_STATE_ANNOTATION } from '../../api/v1alpha1/labels.ts';
import { readStatus } from '../../api/v1alpha1/trading-stack/read-status.ts';
import type { TradingStackStatus } from '../../api/v1alpha1/trading-stack/status.ts';
import { secrets } from '../../kube/client/builtin-resources.ts';
import type { KubeClient } from '../../kube/client/client.ts';
import { tradingStacks } from '../caches/stack-caches.ts';

const QUICK = { rollout: { soakSeconds: 0 } };
const PERSON = 'kubectl-patch';
const ARGO = 'argocd-controller';

let admin: KubeClient;
let namespace: string;
let hand: ControllersByHand;
let processes: ProcessesByHand;
let operator: RunningOperator;
beforeAll(async () => {
  admin = testKubeClient();
  await installTradingStackCrd(admin);
});
afterAll(async () => {
  await admin.close();
});
beforeEach(async () => {
  namespace = await newNamespace(admin, 'trading-state');
  processes = processesByHand();
  hand = controllersByHand(admin, namespace, processes);
  operator = await startOperator(namespace, processes);
  await hand.makePlatformSecrets();
  await admin.create(tradingStacks, sampleStack({ namespace, change: QUICK }));
  await untilStatus(({ phase }) => phase === 'Running');
});
afterEach(async () => {
  await operator.stop();
});

async function untilStatus(is: (status: TradingStackStatus) => boolean): Promise<TradingStackStatus> {
  return await until(async () => {
    await hand.play();
    const { status } = await admin.get(tradingStacks, { namespace, name: 'demo' });
    const read = readStatus(status);
    return is(read) ? read : undefined;
  }, 45_000);
}

async function patch(body: object, fieldManager: string): Promise<void> {
  await admin.mergePatch(tradingStacks, { namespace, name: 'demo' }, body, { fieldManager });
}

async function applyManifest(spec: Readonly<Record<string, unknown>>, fieldManager: string): Promise<void> {
  const { spec: sample } = sampleStack({ namespace, change: { ...QUICK, ...spec } });
  const object = { metadata: { namespace, name: 'demo' }, spec: sample };
  await admin.apply(tradingStacks, object, { fieldManager });
}

const commanded = (service: string): readonly string[] =>
  processes.tradingOf(service).map(({ source, state }) => `${source} ${state}`);
const isHalted = ({ halt }: TradingStackStatus): boolean => halt?.active === true;
const ignores = ({ trading }: TradingStackStatus): boolean => trading?.ignored !== undefined;
const isLifted = ({ halt, trading }: TradingStackStatus): boolean =>
  halt?.active === false && trading?.requested === 'Active' && trading.state === 'Active';

describe('a halt by a person', () => {
  it('reaches risk and execution, changes no release, and is lifted by a person', async () => {
    await patch({ spec: { halt: true } }, PERSON);
    const halted = await untilStatus(isHalted);
    expect(halted).toMatchObject({ phase: 'Running', halt: { by: 'spec' } });
    expect(halted.trading?.sources).toMatchObject([{ source: 'spec', state: 'Halted', author: PERSON, revision: 1 }]);
    expect([commanded('risk'), commanded('execution')]).toEqual([['spec Halted'], ['spec Halted']]);
    expect(processes.activations).toEqual([1]);
    await patch({ spec: { halt: false } }, 'kubectl-edit');
    await untilStatus(isLifted);
    expect([commanded('risk'), commanded('execution')]).toEqual([['spec Active'], ['spec Active']]);
  });

  it.each<[string, () => Promise<void>]>([
    ['self-heal of a manifest that names it', async () => await applyManifest({ halt: false }, ARGO)],
    ['a manifest without the field', async () => await applyManifest({}, ARGO)],
    ['an apply by kubectl', async () => await applyManifest({ halt: false }, 'kubectl')],
    ['a merge patch by another tool', async () => await patch({ spec: { halt: false } }, 'helm')],
    ['a removal of the field by a tool', async () => await patch({ spec: { halt: null } }, ARGO)],
  ])('is not lifted by %s', async (_what, write) => {
    await patch({ spec: { halt: true } }, PERSON);
    await untilStatus(isHalted);
    await write();
    const { metadata } = await admin.get(tradingStacks, { namespace, name: 'demo' });
    const status = await untilStatus((now) => now.observedGeneration === metadata.generation);
    expect(status).toMatchObject({ halt: { active: true }, trading: { requested: 'Halted', state: 'Halted' } });
    expect(commanded('execution')).toEqual(['spec Halted']);
    await patch({ spec: { halt: false } }, PERSON);
    // The value is already false, so a person must own the field for the lift to count.
    if (ignores(status)) await patch({ spec: { halt: true } }, PERSON);
    if (ignores(status)) await patch({ spec: { halt: false } }, PERSON);
    await untilStatus(isLifted);
  });
});

it('keeps a halt that a tool set first and a person set as well, when the tool lifts it', async () => {
  await patch({ spec: { halt: true } }, ARGO);
  await untilStatus(isHalted);
  // The API server records no owner for a patch that changes nothing, but it does for an apply.
  const object = { metadata: { namespace, name: 'demo' }, spec: { halt: true } };
  await admin.apply(tradingStacks, object, { fieldManager: 'kubectl-tradingstack' });
  const { trading } = await untilStatus((now) => now.trading?.sources[0]?.revision === 2);
  expect(trading?.sources).toMatchObject([{ state: 'Halted', author: `kubectl-tradingstack, ${ARGO}` }]);
  await patch({ spec: { halt: false } }, ARGO);
  expect(await untilStatus(ignores)).toMatchObject({ halt: { active: true }, trading: { requested: 'Halted' } });
  await patch({ spec: { halt: true } }, PERSON);
  await patch({ spec: { halt: false } }, PERSON);
  await untilStatus(isLifted);
});

it('keeps a flattening by a person when a tool sets the field to false, and lifts it for a person', async () => {
  await patch({ spec: { flatten: true } }, PERSON);
  const flattening = await untilStatus(({ trading }) => trading?.state === 'Flattening');
  expect(flattening.trading?.sources).toMatchObject([{ source: 'spec-flatten', author: PERSON }]);
  expect([commanded('risk'), commanded('execution')]).toEqual([
    ['spec-flatten Flattening'],
    ['spec-flatten Flattening'],
  ]);
  await patch({ spec: { flatten: false } }, ARGO);
  expect((await untilStatus(ignores)).trading).toMatchObject({ requested: 'Flattening' });
  await patch({ spec: { flatten: true } }, PERSON);
  await patch({ spec: { flatten: false } }, PERSON);
  await untilStatus(isLifted);
});

it('keeps a halt by annotation when the annotation is removed, and lifts it by the value Active', async () => {
  const annotate = async (value: string | null, manager: string): Promise<void> =>
    await patch({ metadata: { annotations: { [TRADING_STATE_ANNOTATION]: value } } }, manager);
  await annotate('Halted', 'kubectl-annotate');
  expect(await untilStatus(isHalted)).toMatchObject({ halt: { by: 'annotation' } });
  await annotate(null, ARGO);
  expect((await untilStatus(ignores)).halt).toMatchObject({ active: true });
  await annotate('Active', ARGO);
  expect((await untilStatus(ignores)).halt).toMatchObject({ active: true });
  await annotate('Reducing', 'kubectl-annotate');
  await untilStatus(({ trading }) => trading?.state === 'Reducing');
  expect(commanded('risk')).toEqual(['annotation Reducing']);
  await annotate('Active', 'kubectl-annotate');
  await untilStatus(isLifted);
});

it('keeps a halt that a restored resource does not show, until a person sets the field to it and back', async () => {
  await patch({ spec: { halt: true } }, PERSON);
  await untilStatus(isHalted);
  await operator.stop();
  // As the backup has it: the same owner, no halt, and a status without it.
  await patch({ spec: { halt: false } }, PERSON);
  await admin.mergePatch(tradingStacks, { namespace, name: 'demo' }, { status: { trading: null } }, { status: true });
  await patch({ spec: { rollout: { tierDeadlineSeconds: 601 } } }, PERSON);
  operator = await startOperator(namespace, processes);
  const restored = await untilStatus((status) => isHalted(status) && ignores(status));
  expect(restored.trading?.sources).toMatchObject([{ source: 'spec', state: 'Halted', unshown: true }]);
  expect(commanded('execution')).toEqual(['spec Halted']);
  await patch({ spec: { halt: true } }, PERSON);
  const shown = await untilStatus((status) => !ignores(status));
  expect(shown.trading?.sources[0]).not.toHaveProperty('unshown');
  await patch({ spec: { halt: false } }, PERSON);
  await untilStatus(isLifted);
});

it('halts while a Secret is missing and while the spec cannot be read, and activates nothing meanwhile', async () => {
  await admin.delete(secrets, { namespace, name: 'platform-db-writer' });
  await untilStatus(({ blockedBy = '' }) => blockedBy.includes('SecretMissing'));
  await patch({ spec: { halt: true } }, PERSON);
  expect(await untilStatus(isHalted)).toMatchObject({ phase: 'Degraded', execution: { active: 'blue' } });
  await patch({ spec: { halt: false } }, PERSON);
  await untilStatus(isLifted);

  const strategies = [{ ...firstStrategy(), orderNotional: '0.500000000000000001' }];
  await patch({ spec: { strategies, halt: true } }, PERSON);
  const unreadable = await untilStatus((status) => isHalted(status) && status.phase === 'Stalled');
  expect(unreadable.blockedBy).toContain('InvalidSpec');
  await processes.stop('execution-blue');
  processes.start({ name: 'execution-blue', service: 'execution' }, 'restarted');
  await untilStatus(({ execution }) => execution?.active === 'none');
  expect(processes.activations).toEqual([1]);
});

function firstStrategy(): object {
  const { strategies = [] } = sampleStack().spec as { readonly strategies?: readonly object[] };
  return strategies[0] ?? {};
}
