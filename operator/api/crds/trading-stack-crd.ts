import { PRINTER_COLUMNS } from '../v1alpha1/trading-stack/printer-columns.ts';
import { TRADING_STACK, tradingStack } from '../v1alpha1/trading-stack/trading-stack.ts';
import { structuralSchema, type JsonSchema } from './structural-schema.ts';

/** The CustomResourceDefinition of TradingStack, wholly from its zod schema. */
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
                apiVersion: { type: 'string' },
                kind: { type: 'string' },
                metadata: { type: 'object' },
                ...(properties as JsonSchema),
              },
            },
          },
        },
      ],
    },
  };
}
