import { afterAll, beforeAll, expect, it } from 'vitest';
import { renderedStacks, type RenderedChild } from '../../../test/fixtures/children/rendered-children.ts';
import { newNamespace, testKubeClient } from '../../../test/harness/kube/kube-client.ts';
import { applyIfChanged } from '../../kube/apply/apply.ts';
import type { KubeClient } from '../../kube/client/client.ts';
import type { KubeObject, Stored } from '../../kube/client/resource.ts';
import { CHILD_RESOURCES } from '../caches/stack-caches.ts';
import { EXCLUSIVE_FIELDS } from './exclusive-fields.ts';

let client: KubeClient;
beforeAll(() => {
  client = testKubeClient();
});
afterAll(async () => {
  await client.close();
});

async function apply(desired: RenderedChild, observed?: Stored) {
  const exclusive = EXCLUSIVE_FIELDS[desired.kind];
  return await applyIfChanged<KubeObject>({
    client,
    resource: CHILD_RESOURCES[desired.kind],
    observed,
    desired,
    fieldManager: 'example-children',
    hashAnnotation: 'example.dev/applied-hash',
    ...(exclusive === undefined ? {} : { exclusive }),
  });
}

/** Deletes an object and creates it again as another writer that owns every field, defaults included. */
async function restore({ kind }: RenderedChild, { metadata, ...stored }: Stored): Promise<Stored> {
  const resource = CHILD_RESOURCES[kind];
  const { namespace = '', name, labels = {}, annotations = {}, ownerReferences = [] } = metadata;
  await client.delete(resource, { namespace, name });
  const backup = JSON.parse(JSON.stringify(stored), (key, value: unknown) => (GENERATED.test(key) ? undefined : value));
  return await client.create<KubeObject>(resource, {
    ...backup,
    metadata: { namespace, name, labels, annotations, ownerReferences },
  });
}

/** What a backup leaves out, because the API server generates it. */
const GENERATED = /^(?:status|clusterIPs?|(?:batch.kubernetes.io\/)?(?:controller-uid|job-name))$/;

it.each(renderedStacks())(
  'writes no object of %s again as the API server stores it, nor as a backup restores it',
  async (_what, objects) => {
    const namespace = await newNamespace(client, 'stored');
    for (const each of objects) {
      const desired = { ...each, metadata: { ...each.metadata, namespace } };
      const what = `${each.kind}/${each.metadata?.name}`;
      const { result, object } = await apply(desired);
      const again = await apply(desired, object);
      expect([what, result, again.result, again.drift]).toEqual([what, 'created', 'unchanged', undefined]);
      if (EXCLUSIVE_FIELDS[each.kind] === undefined) continue;
      const restored = await apply(desired, await restore(each, object));
      expect([what, restored.result, restored.drift]).toEqual([what, 'unchanged', undefined]);
    }
  },
);
