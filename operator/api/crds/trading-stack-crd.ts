import { PRINTER_COLUMNS } from '../v1alpha1/trading-stack/printer-columns.ts';
import { TRADING_STACK, tradingStack } from '../v1alpha1/trading-stack/trading-stack.ts';
import { structuralSchema, type JsonSchema } from './structural-schema.ts';

/** The properties that every Kubernetes object has, described as controller-gen does. */
const OBJECT_PROPERTIES = {
  apiVersion: {
    description:
      'APIVersion defines the versioned schema of this representation of an object. Servers should convert ' +
      'recognized schemas to the latest internal value, and may reject unrecognized values. More info: ' +
      'https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#resources.',
    type: 'string',
  },
  kind: {
    description:
      'Kind is a string value representing the REST resource this object represents. Servers may infer this from ' +
      'the endpoint the client submits requests to. Cannot be updated. In CamelCase. More info: ' +
      'https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#types-kinds.',
    type: 'string',
  },
  // Described by the API server itself, which refuses any description here.
  metadata: { type: 'object' },
} as const;

/** Builds the CustomResourceDefinition of TradingStack from its zod schema. */
export function tradingStackCrd(): JsonSchema {
  const { group, version, plural, singular, kind, shortNames, categories } = TRADING_STACK;
  const { properties, ...schema } = structuralSchema(tradingStack);
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { kind, listKind: `${kind}List`, plural, singular, shortNames, categories },
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          subresources: { status: {} },
          additionalPrinterColumns: PRINTER_COLUMNS,
          schema: {
            openAPIV3Schema: {
              ...schema,
              properties: {
                ...OBJECT_PROPERTIES,
                ...(properties as JsonSchema),
              },
            },
          },
        },
      ],
    },
  };
}
