import { expect, it } from 'vitest';
import { clusterPaths } from '../../cluster-paths.ts';
import { readConfig } from '../../config.ts';
import { embeddedSettings } from '../embedded-settings.ts';
import { imageReference, nodeBase, pause } from '../images/image-recipes.ts';
import { renderContainerd, renderKubelet, renderNetwork } from './node-configuration.ts';

const settings = embeddedSettings(clusterPaths('/cache'), readConfig({ CLUSTER_REGISTRY_PORT: '5055' }));

it('keeps all of the runtime below the state folder, and pulls the sandbox image from its own registry', () => {
  const toml = renderContainerd(settings);
  expect(toml).toContain(`sandbox = "${imageReference('127.0.0.1:5055', pause)}"`);
  const paths = [...toml.matchAll(/"(\/[^"]+)"/g)].map(([, path]) => path);
  expect(paths.filter((path) => path?.startsWith('/cache/state') !== true)).toEqual(['/usr/lib/cni']);
});

it('gives the kubelet and the pods folders of their own', () => {
  expect(JSON.parse(renderKubelet(settings))).toMatchObject({
    containerRuntimeEndpoint: 'unix:///cache/state/containerd.sock',
    podLogsDir: '/cache/state/pod-logs',
    authentication: { anonymous: { enabled: false } },
    cgroupsPerQOS: false,
  });
  expect(JSON.parse(renderNetwork(settings))).toMatchObject({
    name: 'tradingstack',
    plugins: [{ bridge: 'tradingstack0' }, { type: 'portmap' }],
  });
});

it('gives an image a new name when its recipe changes', () => {
  const before = imageReference('r', nodeBase('/usr/bin/node', 'v26.0.0'));
  expect(before).toMatch(/^r\/local\/node-base:[0-9a-f]{12}$/);
  expect(imageReference('r', nodeBase('/usr/bin/node', 'v26.1.0'))).not.toBe(before);
});
