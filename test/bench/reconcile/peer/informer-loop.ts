import { createHash } from 'node:crypto';
import {
  KubeConfig,
  KubernetesObjectApi,
  makeInformer,
  PatchStrategy,
  type KubernetesListObject,
  type KubernetesObject,
} from '@kubernetes/client-node';
import { MANAGED_SELECTOR } from '../../../../operator/api/v1alpha1/labels.ts';
import { CHILD_RESOURCES, tradingStacks } from '../../../../operator/controllers/caches/stack-caches.ts';
import { pods } from '../../../../operator/kube/client/builtin-resources.ts';
import { apiVersionOf, pathOf, type Resource } from '../../../../operator/kube/client/resource.ts';
import { createLogger } from '../../../../services/shared/runtime/logger.ts';

// The reference: what a controller costs that has only the informers of client-node. It keeps the stacks and their
// children in informers, as the operator does, and answers each event by one server-side apply of a ConfigMap in the
// namespace of the event: without a queue, a comparison, a lease or a deadline.

const log = createLogger({ name: 'informer-loop', level: 'info' });
const kubeConfig = new KubeConfig();
kubeConfig.loadFromDefault();
const api = KubernetesObjectApi.makeApiClient(kubeConfig);
const { Secret: _byName, ...children } = CHILD_RESOURCES;
let answers = false;

/** Not labelled as a child of the operator, so that a write is no event. */
async function answer(kind: string, { metadata = {} }: KubernetesObject): Promise<void> {
  if (!answers || metadata.namespace === undefined) return;
  const { namespace, name = '', resourceVersion = '' } = metadata;
  const hash = createHash('sha256').update(JSON.stringify(metadata)).digest('hex');
  const data = { kind, name, resourceVersion, hash };
  const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace, name: 'bench-peer' }, data };
  await api.patch(object, undefined, undefined, 'bench-peer', true, PatchStrategy.ServerSideApply);
}

async function follow(resource: Resource, labelSelector?: string): Promise<void> {
  const path = pathOf(resource, {});
  const list = async (): Promise<KubernetesListObject<KubernetesObject>> =>
    await api.list(
      apiVersionOf(resource),
      resource.kind,
      undefined,
      undefined,
      undefined,
      undefined,
      undefined,
      labelSelector,
    );
  const informer = makeInformer<KubernetesObject>(kubeConfig, path, list, labelSelector);
  const onEvent = (object: KubernetesObject): void => {
    answer(resource.kind, object).catch((error: unknown) => log.error({ err: error }, 'patch failed'));
  };
  informer.on('add', onEvent);
  informer.on('update', onEvent);
  informer.on('delete', onEvent);
  informer.on('error', (error: unknown) => {
    log.error({ err: error, kind: resource.kind }, 'watch failed');
    void informer.start();
  });
  await informer.start();
}

await follow(tradingStacks);
for (const resource of [...Object.values(children), pods]) await follow(resource, MANAGED_SELECTOR);
answers = true;
log.info('synced');
