import { expect, it } from 'vitest';
import type { ServiceName } from '../../services/shared/contracts/catalogue.ts';
import { stackContext } from '../../test/fixtures/stack-observation.ts';
import { buildConfigMap } from './build-config-map.ts';
import { buildDeployment } from './deployments/build-deployment.ts';
import { colouredDeployment } from './deployments/coloured-deployment.ts';
import { buildJob } from './build-job.ts';
import { buildPersistentVolumeClaim } from './build-persistent-volume-claim.ts';
import { buildPodDisruptionBudget } from './build-pod-disruption-budget.ts';
import { CATALOGUE, catalogueRow } from '../../services/shared/contracts/catalogue.ts';
import { renderService } from '../releases/render-release.ts';
import type { RenderedService } from './rendered-service.ts';
import { buildServiceAccount } from './build-service-account.ts';
import { buildService } from './build-service.ts';

const context = stackContext();

function releaseOf(name: ServiceName, of = context): RenderedService {
  return renderService(of, catalogueRow(name), new Map());
}

function deploymentOf(name: ServiceName, of = context): ReturnType<typeof buildDeployment> {
  return buildDeployment(of, releaseOf(name, of));
}

it('starts the new pod before the old one stops for Rolling services, and after it for the others', () => {
  expect(deploymentOf('ws')?.spec?.strategy?.rollingUpdate).toEqual({
    maxSurge: 1,
    maxUnavailable: 0,
  });
  expect(deploymentOf('execution')?.spec?.strategy).toEqual({ type: 'Recreate' });
  expect(deploymentOf('exchange-simulator')?.spec?.strategy).toEqual({ type: 'Recreate' });
});

it('keeps the old pod of risk, of which one release decides, as a standby, and no other one', () => {
  const standby = CATALOGUE.flatMap(({ name }) => {
    const { minReadySeconds } = deploymentOf(name)?.spec ?? {};
    return minReadySeconds === undefined ? [] : [[name, minReadySeconds]];
  });
  expect(standby).toEqual([['risk', 5]]);
});

it('marks the sender with its colour', () => {
  const deployment = deploymentOf('execution');
  if (deployment === undefined) throw new Error('no Deployment');
  const [blue, green] = (['blue', 'green'] as const).map((colour) => colouredDeployment(deployment, colour, 1));
  for (const [object, colour] of [
    [blue, 'blue'],
    [green, 'green'],
  ] as const) {
    expect(object?.metadata?.name).toBe(`demo-execution-${colour}`);
    const label = { 'tradingstack.dev/colour': colour };
    expect(object?.spec?.template.metadata?.labels).toMatchObject(label);
    expect(object?.spec?.selector.matchLabels).toMatchObject(label);
  }
});

it('takes the number of replicas from the spec', () => {
  const scaled = stackContext({ services: { 'db-writer': { replicas: 2 } } });
  expect(deploymentOf('db-writer', scaled)?.spec?.replicas).toBe(2);
});

it('names a Job by its hash, because its pod template is immutable', () => {
  const release = releaseOf('migrations');
  expect(buildJob(context, release)?.metadata?.name).toBe(`demo-migrations-${release.hash}`);
  expect(buildJob(context, release)?.spec?.template.spec?.restartPolicy).toBe('OnFailure');
});

it('creates no Deployment for a Job and no Job for a server', () => {
  const release = releaseOf('migrations');
  expect(deploymentOf('migrations')).toBeUndefined();
  expect([buildService, buildPodDisruptionBudget].map((build) => build(context, release))).toEqual([
    undefined,
    undefined,
  ]);
  expect(buildJob(context, releaseOf('ws'))).toBeUndefined();
});

it('claims a volume only for a service with storage in the catalogue', () => {
  expect(buildPersistentVolumeClaim(context, releaseOf('ws'))).toBeUndefined();
  expect(buildPersistentVolumeClaim(context, releaseOf('exchange-simulator'))?.spec?.resources?.requests).toEqual({
    storage: '1Gi',
  });
});

it('creates immutable settings', () => {
  expect(buildConfigMap(context, releaseOf('ws'))).toMatchObject({
    immutable: true,
    data: { 'settings.json': expect.stringContaining('XRP/ETH') },
  });
});

it('allows the drain of a node with the only pod', () => {
  expect(buildPodDisruptionBudget(context, releaseOf('ws'))?.spec).toMatchObject({ maxUnavailable: 1 });
});

it('makes the stack the controlling owner of every object', () => {
  const objects = [buildServiceAccount, buildService, buildConfigMap].map((build) => build(context, releaseOf('ws')));
  for (const object of [...objects, deploymentOf('ws')])
    expect(object?.metadata?.ownerReferences).toEqual([
      expect.objectContaining({ kind: 'TradingStack', name: 'demo', uid: context.uid, controller: true }),
    ]);
});
