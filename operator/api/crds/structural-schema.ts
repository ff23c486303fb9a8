import { z } from 'zod';

export interface JsonSchema {
  readonly [key: string]: unknown;
}

/**
 * Converts a zod schema to the structural OpenAPI schema of a CRD. It describes the input side: members with a default
 * are optional and carry the default. The result differs from zod's in two ways: `additionalProperties: false` is
 * removed (the API server drops unknown fields, and rejects them under strict field validation), and so is a maximum
 * of `Number.MAX_SAFE_INTEGER`. Exclusive bounds do not occur.
 */
export function structuralSchema(schema: z.ZodType): JsonSchema {
  const document = z.toJSONSchema(schema, { target: 'openapi-3.0', io: 'input', reused: 'inline' });
  return structural(document) as JsonSchema;
}

/** Keyword order of the generated file, as in the CRDs of Kubernetes. */
const ORDER = ['description', 'type', 'format', 'default', 'enum', 'minLength', 'maxLength', 'minimum', 'maximum'];

function structural(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(structural);
  if (typeof node !== 'object' || node === null) return node;
  const entries = Object.entries(node)
    .filter(([key, value]) => key !== '$schema' && !(key === 'additionalProperties' && value === false))
    .filter(([key, value]) => !(key === 'maximum' && value === Number.MAX_SAFE_INTEGER))
    .map(([key, value]): [string, unknown] => [key, isLiteral(key) ? value : structuralMembers(key, value)]);
  const sorted = entries.sort(([a], [b]) => rank(a) - rank(b));
  const result = Object.fromEntries(sorted);
  return result['type'] === 'integer' && result['format'] === undefined ? withFormat(result) : result;
}

/** `properties` maps names to schemas, so its keys are not keywords. */
function structuralMembers(key: string, value: unknown): unknown {
  if (key !== 'properties') return structural(value);
  return Object.fromEntries(Object.entries(value as JsonSchema).map(([name, schema]) => [name, structural(schema)]));
}

function withFormat({ description, type, ...rest }: Record<string, unknown>): JsonSchema {
  return { ...(description === undefined ? {} : { description }), type, format: 'int64', ...rest };
}

function isLiteral(key: string): boolean {
  return key === 'default' || key === 'enum' || key.startsWith('x-kubernetes-');
}

function rank(key: string): number {
  const index = ORDER.indexOf(key);
  return index < 0 ? ORDER.length : index;
}
