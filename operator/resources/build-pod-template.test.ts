import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CATALOGUE, catalogueRow, type ServiceName } from '../../services/shared/contracts/catalogue.ts';
import { stackContext } from '../../test/fixtures/stack-observation.ts';
import { buildPodTemplate } from './build-pod-template.ts';

const options = { release: 'abc', settingsMap: 'demo-settings' };
const podOf = (service: ServiceName, change = {}) =>
  buildPodTemplate(stackContext(change), catalogueRow(service), options);

describe.each(CATALOGUE.map(({ name }) => name))('%s', (service) => {
  const { spec, metadata } = podOf(service);
  const [container] = spec?.containers ?? [];

  it('meets the Pod Security Standard "restricted"', () => {
    expect(spec?.securityContext).toMatchObject({
      runAsNonRoot: true,
      runAsUser: 1_000,
      seccompProfile: { type: 'RuntimeDefault' },
    });
    expect(container?.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      runAsNonRoot: true,
      capabilities: { drop: ['ALL'] },
    });
    const kinds = spec?.volumes?.flatMap(({ name: _name, ...source }) => Object.keys(source)) ?? [];
    expect(new Set([...kinds, 'configMap', 'secret', 'emptyDir', 'persistentVolumeClaim']).size).toBe(4);
  });

  it('has no API token, bounded resources and a termination message', () => {
    expect(spec).toMatchObject({ automountServiceAccountToken: false, serviceAccountName: `demo-${service}` });
    expect(container?.resources).toMatchObject({
      requests: { cpu: expect.any(String) },
      limits: { memory: expect.any(String) },
    });
    expect(container).toMatchObject({
      terminationMessagePolicy: 'FallbackToLogsOnError',
      command: ['node', `/app/${service}.mjs`],
    });
  });

  it('does not run the process as PID 1, for which the kernel drops SIGTERM until a handler exists', () => {
    expect(spec?.shareProcessNamespace).toBe(true);
    expect(spec?.containers.length).toBe(1);
  });

  it('carries a label for each store that it uses', () => {
    const { peers } = catalogueRow(service);
    const storeLabels = Object.keys(metadata?.labels ?? {}).filter((label) => label.includes('/uses-'));
    const stores = (['redis', 'postgres'] as const).filter((store) => peers.includes(store));
    expect(storeLabels).toEqual(stores.map((store) => `tradingstack.dev/uses-${store}`));
  });
});

it('mounts venue keys and the control token only in the services that need them', () => {
  const holders = (folder: string) =>
    CATALOGUE.filter(({ name }) => podOf(name).spec?.volumes?.some((volume) => volume.name === folder)).map(
      ({ name }) => name,
    );
  expect(holders('venue')).toEqual(['exchange-simulator', 'execution']);
  expect(holders('control')).toEqual(['risk', 'execution']);
});

it('mounts the venue keys that the spec names', () => {
  const volumes = podOf('execution', { venue: { credentials: { secretName: 'mexc' } } }).spec?.volumes;
  expect(volumes?.find(({ name }) => name === 'venue')?.secret?.secretName).toBe('mexc');
});

it('overrides resources with those of the spec', () => {
  const change = { services: { ws: { resources: { limits: { memory: '1Gi' } } } } };
  const [container] = podOf('ws', change).spec?.containers ?? [];
  expect(container?.resources).toEqual({
    requests: catalogueRow('ws').resources.requests,
    limits: { ...catalogueRow('ws').resources.limits, memory: '1Gi' },
  });
});

it.each([
  [
    'a limit below the request',
    { limits: { memory: '64Mi' } },
    { requests: { memory: '64Mi' }, limits: { memory: '64Mi' } },
  ],
  [
    'a request above the limit',
    { requests: { memory: '8Gi' } },
    { requests: { memory: '8Gi' }, limits: { memory: '8Gi' } },
  ],
  ['less than a core', { limits: { cpu: '0.01' } }, { requests: { cpu: '0.01' }, limits: { cpu: '0.01' } }],
])('renders a valid pod for %s of the catalogue', (_what, resources, expected) => {
  const [container] = podOf('ws', { services: { ws: { resources } } }).spec?.containers ?? [];
  expect(container?.resources).toMatchObject(expected);
});

it('runs the operator like the services, not as PID 1', () => {
  const template = readFileSync(join(import.meta.dirname, '../../charts/operator/templates/deployment.yaml'), 'utf8');
  expect(template).toMatch(/^ {6}shareProcessNamespace: true$/m);
});

it('probes servers but not a Job, which ends on its own', () => {
  const probes = { readinessProbe: { httpGet: { path: '/readyz' } }, livenessProbe: { httpGet: { path: '/livez' } } };
  expect(podOf('ws').spec?.containers[0]).toMatchObject(probes);
  expect(podOf('migrations').spec?.restartPolicy).toBe('OnFailure');
  expect(podOf('migrations').spec?.containers[0]).not.toHaveProperty('readinessProbe');
});
