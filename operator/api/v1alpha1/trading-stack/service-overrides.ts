import { z } from 'zod';
import { CATALOGUE, type CatalogueRow } from '../../../../services/shared/contracts/catalogue.ts';
import { intField, textField } from '../fields.ts';
import { validated } from '../validation-rule.ts';

const amounts = z.object({
  cpu: textField({
    description: 'CPU in cores, such as "500m" or "2".',
    maxLength: 20,
    pattern: '^([0-9]{1,3}([.][0-9]{1,3})?|[0-9]{1,6}m)$',
    wanted: 'less than 1000 cores, such as "500m" or "2"',
  }).exactOptional(),
  memory: textField({
    description: 'Memory, such as "256Mi".',
    maxLength: 20,
    pattern: '^([0-9]{1,10}Ki|[0-9]{1,7}Mi|[0-9]{1,4}Gi)$',
    wanted: 'an amount with a unit, such as "256Mi"',
  }).exactOptional(),
});

const AMOUNTS = ['cpu', 'memory'] as const;
const aboveLimit = (amount: (typeof AMOUNTS)[number]): string => `requests.${amount} must not exceed limits.${amount}`;

const resources = z
  .object({
    requests: amounts.exactOptional().meta({ description: 'Resource requests of the container.' }),
    limits: amounts.exactOptional().meta({ description: 'Resource limits of the container.' }),
  })
  .superRefine(({ requests, limits }, context) => {
    for (const amount of AMOUNTS) {
      const [request, limit] = [requests?.[amount], limits?.[amount]];
      if (request !== undefined && limit !== undefined && amountOf(request) > amountOf(limit))
        context.addIssue({ code: 'custom', path: ['requests', amount], message: aboveLimit(amount) });
    }
  })
  .exactOptional()
  .meta({
    description:
      'Compute resources that replace the defaults of the service. If only a request or only a limit is set, the ' +
      'other is adjusted as far as necessary.',
    ...validated(...AMOUNTS.map((amount) => ({ rule: requestWithinLimit(amount), message: aboveLimit(amount) }))),
  });

/** CEL expression. Values that are not quantities pass, because the rule of the field itself reports them. */
function requestWithinLimit(amount: (typeof AMOUNTS)[number]): string {
  const [request, limit] = [`self.requests.${amount}`, `self.limits.${amount}`];
  const given = `has(self.requests) && has(self.limits) && has(${request}) && has(${limit})`;
  const comparable = `isQuantity(${request}) && isQuantity(${limit})`;
  return `!(${given} && ${comparable}) || quantity(${request}).compareTo(quantity(${limit})) <= 0`;
}

const UNITS: Readonly<Record<string, number>> = { m: 1e-3, Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30 };

/** Converts an amount of the schema above to a comparable number: billionths of a core or of a byte. */
export function amountOf(text: string): number {
  const unit = /[a-zA-Z]+$/.exec(text)?.[0] ?? '';
  return Math.round(Number.parseFloat(text) * (UNITS[unit] ?? 1) * 1e9);
}

const onePod = z.object({ resources }).exactOptional();
/** One optional member per service, so that a misspelt service name is an unknown field. */
export const servicesSpec = z
  .object(Object.fromEntries(CATALOGUE.map((row) => [row.name, overridesOf(row)])))
  .prefault({})
  .meta({ description: 'Overrides of the default settings, by service.' });

function overridesOf(row: CatalogueRow) {
  return (row.replicasMax === undefined ? onePod : severalPods(row, row.replicasMax)).meta({
    description: `Overrides of service ${row.name}.`,
  });
}

function severalPods({ update, replicas }: CatalogueRow, max: number) {
  const spare = update === 'Fenced' ? ' One sends; the other one is a spare that takes over when that one fails.' : '';
  const description = `Number of pods.${spare} Default: ${replicas}.`;
  return z.object({ resources, replicas: intField(description, 1, max).exactOptional() }).exactOptional();
}

export interface ServiceOverride {
  readonly resources?: {
    readonly requests?: { readonly cpu?: string; readonly memory?: string };
    readonly limits?: { readonly cpu?: string; readonly memory?: string };
  };
  readonly replicas?: number;
}
