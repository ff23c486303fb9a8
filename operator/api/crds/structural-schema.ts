import { z } from 'zod';

export interface JsonSchema {
  readonly [key: string]: unknown;
}

/**
 * A zod schema as the structural OpenAPI schema of a CRD. Input side: members with a default are optional and carry it.
 * Two things differ from what zod says: `additionalProperties: false` stands beside `properties` nowhere (the server drops
 * unknown fields, and refuses them under strict field validation), and exclusive bounds do not occur.
 */
export function structuralSchema(schema: z.ZodType): JsonSchema {
  const document = z.toJSONSchema(schema, { target: 'openapi-3.0', io: 'input', reused: 'inline' });
  return structural(document) as JsonSchema;
}

/** Kept in this order, so that the generated file reads as Kubernetes' own do. */
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

/** `properties` maps names to schemas: its keys are no keywords. */
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
