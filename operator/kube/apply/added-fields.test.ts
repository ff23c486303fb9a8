import { describe, expect, it } from 'vitest';
import { addedFields } from './added-fields.ts';

const entry = (manager: string, fieldsV1: unknown, subresource?: string): object => ({
  manager,
  fieldsV1,
  ...(subresource === undefined ? {} : { subresource }),
});
const inPod = (fields: object): object => ({ 'f:spec': { 'f:template': { 'f:spec': fields } } });
const podOf = (pod: object): object => ({ spec: { template: { spec: pod } } });

describe('added fields', () => {
  const desired = podOf({
    containers: [{ name: 'ws', env: [{ name: 'A', value: '1' }], ports: [{ containerPort: 80 }] }],
  });
  const observe = (pod: object, ...managedFields: object[]): object => ({ ...podOf(pod), metadata: { managedFields } });
  const pointersOf = (observed: object): readonly string[] =>
    addedFields({ desired, observed, own: 'us' }, { path: ['spec', 'template'], except: [] }).map(
      ({ pointer }) => pointer,
    );

  it('are those of other managers that are not desired, the later items of a list first', () => {
    const ws = {
      name: 'ws',
      image: 'x',
      env: [{ name: 'A' }, { name: 'NODE_OPTIONS' }],
      securityContext: { runAsUser: 0 },
    };
    const containers = [{ name: 'one' }, ws, ...'23456789ab'.split('').map((name) => ({ name })), { name: 'last' }];
    const observed = observe(
      { hostNetwork: true, dnsPolicy: 'Default', containers },
      entry('us', inPod({ 'f:containers': { 'k:{"name":"ws"}': { '.': {}, 'f:image': {} } } })),
      entry(
        'rival',
        inPod({
          'f:hostNetwork': {},
          'f:containers': {
            'k:{"name":"one"}': { '.': {}, 'f:name': {} },
            'k:{"name":"last"}': { '.': {}, 'f:name': {} },
            'k:{"name":"ws"}': {
              'f:env': { 'k:{"name":"A"}': { 'f:value': {} }, 'k:{"name":"NODE_OPTIONS"}': { '.': {} } },
              'f:securityContext': { 'f:runAsUser': {} },
            },
          },
        }),
      ),
    );
    expect(pointersOf(observed)).toEqual([
      '/spec/template/spec/hostNetwork',
      '/spec/template/spec/containers/12',
      '/spec/template/spec/containers/1/securityContext',
      '/spec/template/spec/containers/1/env/1',
      '/spec/template/spec/containers/0',
    ]);
  });

  it('are none of those that a default completes, that have gone, or that are outside of the root', () => {
    const ports = { 'k:{"containerPort":80,"protocol":"TCP"}': { '.': {}, 'f:containerPort': {} } };
    const observed = observe(
      { dnsPolicy: 'ClusterFirst', containers: [{ name: 'ws', ports: [{ containerPort: 80, protocol: 'TCP' }] }] },
      entry('rival', { 'f:spec': { 'f:replicas': {} } }),
      entry('restorer', inPod({ 'f:dnsPolicy': {} })),
      entry('rival', inPod({ 'f:gone': {}, 'f:containers': { 'k:{"name":"ws"}': { 'f:ports': ports } } })),
    );
    expect(pointersOf(observed)).toEqual([]);
  });

  it('are those with the name of a default whose value is another, or that is a name which people choose', () => {
    const observed = observe(
      { dnsPolicy: 'Default', nodeSelector: { dnsPolicy: 'ClusterFirst' } },
      entry('rival', inPod({ 'f:dnsPolicy': {}, 'f:nodeSelector': { 'f:dnsPolicy': {} } })),
    );
    const inSelector = addedFields(
      { desired: podOf({ nodeSelector: {} }), observed, own: 'us' },
      { path: ['spec', 'template'], except: [] },
    );
    expect(inSelector.map(({ pointer }) => pointer)).toEqual([
      '/spec/template/spec/nodeSelector/dnsPolicy',
      '/spec/template/spec/dnsPolicy',
    ]);
  });

  it('have the name of their manager and a path that people can read', () => {
    const annotations = { 'f:annotations': { 'f:a/b~c': {} } };
    const metadata = { annotations: { 'a/b~c': 'x' } };
    const observed = {
      spec: { template: { metadata } },
      metadata: { managedFields: [entry('rival', { 'f:spec': { 'f:template': { 'f:metadata': annotations } } })] },
    };
    expect(
      addedFields(
        { desired: { spec: { template: { metadata: { annotations: {} } } } }, observed, own: 'us' },
        { path: ['spec'], except: [] },
      ),
    ).toEqual([
      {
        pointer: '/spec/template/metadata/annotations/a~1b~0c',
        path: ['spec', 'template', 'metadata', 'annotations', 'a/b~c'],
        manager: 'rival',
      },
    ]);
  });

  it('are removed around one that others may add', () => {
    const annotations = { kept: '1', other: '2' };
    const fields = { 'f:annotations': { '.': {}, 'f:kept': {}, 'f:other': {} } };
    const observed = { spec: { annotations }, metadata: { managedFields: [entry('rival', { 'f:spec': fields })] } };
    const found = addedFields(
      { desired: {}, observed, own: 'us' },
      { path: ['spec'], except: ['/spec/annotations/kept'] },
    );
    expect(found.map(({ pointer }) => pointer)).toEqual(['/spec/annotations/other']);
  });
});
