import { afterAll, beforeAll, expect, it } from 'vitest';
import { renderedStacks, type RenderedChild } from '../../../test/fixtures/children/rendered-children.ts';
import { newNamespace, testKubeClient } from '../../../test/harness/kube/kube-client.ts';
import { applyIfChanged } from '../../kube/apply/apply.ts';
import type { KubeClient } from '../../kube/client/client.ts';
import type { KubeObject, Stored } from '../../kube/client/resource.ts';
import { CHILD_RESOURCES } from '../caches/stack-caches.ts';

let client: KubeClient;
beforeAll(() => {
  client = testKubeClient();
});
afterAll(async () => {
  await client.close();
});

const nameOf = ({ kind, metadata }: RenderedChild): string => `${kind}/${metadata?.name}`;

async function apply(desired: RenderedChild, observed?: Stored) {
  const names = { fieldManager: 'example-children', hashAnnotation: 'example.dev/applied-hash' };
  return await applyIfChanged<KubeObject>({
    client,
    resource: CHILD_RESOURCES[desired.kind],
    observed,
    desired,
    ...names,
  });
}

it.each(renderedStacks())('writes no object of %s again as the API server stores it', async (_what, objects) => {
  const namespace = await newNamespace(client, 'stored');
  for (const each of objects) {
    const desired = { ...each, metadata: { ...each.metadata, namespace } };
    const created = await apply(desired);
    const stored = await client.get<KubeObject>(CHILD_RESOURCES[each.kind], {
      namespace,
      name: created.object.metadata.name,
    });
    const again = await apply(desired, stored);
    expect([nameOf(each), created.result, again.result, again.drift]).toEqual([
      nameOf(each),
      'created',
      'unchanged',
      undefined,
    ]);
  }
});
