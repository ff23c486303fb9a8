import { expect, it } from 'vitest';
import { z } from 'zod';
import { structuralSchema } from './structural-schema.ts';
import { tradingStackCrd } from './trading-stack-crd.ts';

it('keeps bounds, defaults, descriptions and rules, and drops keywords that are not structural', () => {
  const schema = z.strictObject({
    count: z.int().min(1).max(5).default(3).meta({ description: 'How many.' }),
    epoch: z.int().min(0).max(Number.MAX_SAFE_INTEGER),
    labels: z.record(z.string(), z.string().max(4)),
    name: z.string().meta({ 'x-kubernetes-validations': [{ rule: 'self != ""', message: 'required' }] }),
    maybe: z.string().exactOptional(),
  });
  expect(structuralSchema(schema)).toEqual({
    type: 'object',
    required: ['epoch', 'labels', 'name'],
    properties: {
      count: { description: 'How many.', type: 'integer', format: 'int64', default: 3, minimum: 1, maximum: 5 },
      epoch: { type: 'integer', format: 'int64', minimum: 0 },
      labels: { type: 'object', additionalProperties: { type: 'string', maxLength: 4 } },
      name: { type: 'string', 'x-kubernetes-validations': [{ rule: 'self != ""', message: 'required' }] },
      maybe: { type: 'string' },
    },
  });
});

type Node = Readonly<Record<string, unknown>>;

/** Keywords that bound a value of each type; one of them is enough. */
const BOUNDS: Readonly<Record<string, readonly string[]>> = {
  array: ['maxItems'],
  string: ['maxLength', 'enum'],
  integer: ['minimum'],
};

function unboundedIn(node: Node, path: string): readonly string[] {
  const bounds = BOUNDS[String(node['type'])] ?? [];
  const here = bounds.length > 0 && bounds.every((key) => node[key] === undefined) ? [path] : [];
  const members = Object.entries((node['properties'] ?? {}) as Readonly<Record<string, Node>>);
  const elements = [node['items'], node['additionalProperties']].filter((child) => typeof child === 'object') as Node[];
  return [
    ...here,
    ...members.flatMap(([name, child]) => unboundedIn(child, `${path}.${name}`)),
    ...elements.flatMap((child) => unboundedIn(child, `${path}[]`)),
  ];
}

it('bounds every list, string and integer, so that the API server can estimate the cost of the rules', () => {
  const { spec } = tradingStackCrd() as { readonly spec: { readonly versions: readonly Version[] } };
  const [version] = spec.versions;
  expect(unboundedIn(version?.schema.openAPIV3Schema.properties.spec ?? {}, 'spec')).toEqual([]);
  expect(unboundedIn(version?.schema.openAPIV3Schema.properties.status ?? {}, 'status')).toEqual([]);
});

/** Paths of properties, list items and map values without a description that ends with a period. */
function undescribedIn(node: Node, path: string): readonly string[] {
  const { description } = node;
  const members = Object.entries((node['properties'] ?? {}) as Readonly<Record<string, Node>>);
  const elements = [node['items'], node['additionalProperties']].filter((child) => typeof child === 'object') as Node[];
  return [
    ...(typeof description === 'string' && /\S\.$/.test(description) ? [] : [path]),
    ...members.flatMap(([name, child]) => undescribedIn(child, `${path}.${name}`)),
    ...elements.flatMap((child) => undescribedIn(child, `${path}[]`)),
  ];
}

it('describes every property at every depth in a sentence, as kubectl explain shows it', () => {
  const { spec } = tradingStackCrd() as { readonly spec: { readonly versions: readonly Version[] } };
  const root: Node = spec.versions[0]?.schema.openAPIV3Schema ?? {};
  expect(Object.keys(root['properties'] ?? {})).toEqual(['apiVersion', 'kind', 'metadata', 'spec', 'status']);
  // The API server describes metadata itself, and refuses a CRD that does.
  expect(undescribedIn(root, 'tradingstack')).toEqual(['tradingstack.metadata']);
});

interface Version {
  readonly schema: {
    readonly openAPIV3Schema: Node & { readonly properties: { readonly spec: Node; readonly status: Node } };
  };
}
