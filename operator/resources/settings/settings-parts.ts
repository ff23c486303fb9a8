import { catalogueRow, databaseRoleOf, type ServiceName } from '../../../services/shared/contracts/catalogue.ts';
import type { PostgresPart, RedisPart, StackPart, VenuePart } from '../../../services/shared/contracts/settings.ts';
import { serviceObjectName, stackIdOf, type StackContext } from '../stack-context.ts';

/** Sections that the settings documents of several services share. */

export function stackPart({ name, namespace, uid, spec }: StackContext): StackPart {
  return { id: stackIdOf({ name, uid }), name, namespace, mode: spec.mode };
}

export function redisPart({ spec }: StackContext, service: ServiceName): RedisPart {
  return { ...spec.redis, username: service };
}

export function postgresPart({ spec }: StackContext, service: ServiceName): PostgresPart {
  return { ...spec.postgres, user: databaseRoleOf(service) };
}

/** The simulator uses the protocol of the venue, so modes differ in the address only. */
export function venuePart({ name, spec }: StackContext): VenuePart {
  const host = `${serviceObjectName(name, 'exchange-simulator')}:${catalogueRow('exchange-simulator').port}`;
  return { name: spec.venue.name, restUrl: `http://${host}`, wsUrl: `ws://${host}/ws` };
}

export function symbolsOf({ spec }: StackContext): string[] {
  return spec.instruments.map(({ symbol }) => symbol);
}
