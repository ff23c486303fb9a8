import { z } from 'zod';
import { CATALOGUE, type CatalogueRow } from '../../../services/shared/contracts/catalogue.ts';
import { intField, textField } from './fields.ts';

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

const resources = z
  .strictObject({ requests: amounts.exactOptional(), limits: amounts.exactOptional() })
  .exactOptional()
  .meta({ description: 'What differs from the catalogue.' });

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
