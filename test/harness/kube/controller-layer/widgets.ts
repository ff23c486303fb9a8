import { customResourceDefinitions } from '../../../../operator/kube/client/builtin-resources.ts';
import type { KubeClient } from '../../../../operator/kube/client/client.ts';
import { defineResource, type KubeObject, type Resource } from '../../../../operator/kube/client/resource.ts';
import { until } from '../../until.ts';

export interface Widget extends KubeObject {
  readonly spec?: { readonly size: number };
  readonly status?: { readonly phase: string };
}

/** Defines a custom resource of any content, with a status, and resolves when the API server serves it. */
export async function defineWidgets(admin: KubeClient, singular: string): Promise<Resource<Widget>> {
  const [plural, kind] = [`${singular}s`, `${singular.slice(0, 1).toUpperCase()}${singular.slice(1)}`];
  const open = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
  const schema = { openAPIV3Schema: { type: 'object', properties: { spec: open, status: open } } };
  const version = { name: 'v1', served: true, storage: true, schema, subresources: { status: {} } };
  const definition = {
    metadata: { name: `${plural}.example.dev` },
    spec: { group: 'example.dev', scope: 'Namespaced', names: { plural, singular, kind }, versions: [version] },
  };
  await admin.apply(customResourceDefinitions, definition, { fieldManager: 'test' });
  const widgets = defineResource<Widget>({ group: 'example.dev', version: 'v1', plural, kind, namespaced: true });
  await until(async () => await admin.list(widgets), { withinMs: 20_000, everyMs: 50, toleratesErrors: true });
  return widgets;
}
