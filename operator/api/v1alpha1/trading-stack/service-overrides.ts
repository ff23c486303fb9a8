import { z } from 'zod';
import { CATALOGUE, type CatalogueRow } from '../../../../services/shared/contracts/catalogue.ts';
import { intField, textField } from '../fields.ts';
import { validated } from '../validation-rule.ts';

const amounts = z.strictObject({
  cpu: textField({
    description: 'Processor time.',
    maxLength: 20,
    pattern: '^[0-9]+([.][0-9]+)?m?$',
    wanted: 'cores such as "500m" or "2"',
  }).exactOptional(),
  memory: textField({
    description: 'Memory.',
    maxLength: 20,
    pattern: '^[0-9]+(Ki|Mi|Gi)$',
    wanted: 'an amount with its unit such as "256Mi"',
  }).exactOptional(),
});

const AMOUNTS = ['cpu', 'memory'] as const;
const aboveLimit = (amount: (typeof AMOUNTS)[number]): string =>
  `requests.${amount} must not be more than limits.${amount}`;

const resources = z
  .strictObject({ requests: amounts.exactOptional(), limits: amounts.exactOptional() })
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
      'What differs from the catalogue. Where only one of request and limit is given, the other follows it as far as it must.',
    ...validated(...AMOUNTS.map((amount) => ({ rule: requestWithinLimit(amount), message: aboveLimit(amount) }))),
  });

/** CEL; what is no quantity passes here, as its own field's rule says so. */
function requestWithinLimit(amount: (typeof AMOUNTS)[number]): string {
  const [request, limit] = [`self.requests.${amount}`, `self.limits.${amount}`];
  const given = `has(self.requests) && has(self.limits) && has(${request}) && has(${limit})`;
  const comparable = `isQuantity(${request}) && isQuantity(${limit})`;
  return `!(${given} && ${comparable}) || quantity(${request}).compareTo(quantity(${limit})) <= 0`;
}

const UNITS: Readonly<Record<string, number>> = { m: 1e-3, Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30 };

/** An amount of the schema above as a number that compares: billionths of a core, or of a byte. */
export function amountOf(text: string): number {
  const unit = /[a-zA-Z]+$/.exec(text)?.[0] ?? '';
  return Math.round(Number.parseFloat(text) * (UNITS[unit] ?? 1) * 1e9);
}

const fixed = z.strictObject({ resources }).exactOptional();
const scalable = z.strictObject({ resources, replicas: intField('Copies.', 1, 3).exactOptional() }).exactOptional();

/** Consumers of a group share its work; every other service is one process by design. */
const SCALABLE: ReadonlySet<string> = new Set<CatalogueRow['name']>(['db-writer']);

/** One optional member for each service: a misspelt name is an unknown field. */
export const servicesSpec = z
  .strictObject(Object.fromEntries(CATALOGUE.map(({ name }) => [name, SCALABLE.has(name) ? scalable : fixed])))
  .prefault({})
  .meta({ description: 'Only what differs from the catalogue, by service.' });

export interface ServiceOverride {
  readonly resources?: {
    readonly requests?: { readonly cpu?: string; readonly memory?: string };
    readonly limits?: { readonly cpu?: string; readonly memory?: string };
  };
  readonly replicas?: number;
}
