import type { ServiceRow } from './service-row.ts';
import { dbWriterRow } from './services/db-writer.ts';
import { exchangeSimulatorRow } from './services/exchange-simulator.ts';
import { executionRow } from './services/execution.ts';
import { migrationsRow } from './services/migrations.ts';
import { riskRow } from './services/risk.ts';
import { signalRow } from './services/signal.ts';
import { wsRow } from './services/ws.ts';

/** Every service, in rollout order. To add one, see "Add a service" in CONTRIBUTING.md. */
const ROWS = [migrationsRow, exchangeSimulatorRow, wsRow, dbWriterRow, signalRow, riskRow, executionRow] as const;

/**
 * The name is also the folder, the container, the Redis user and the consumer group. The database role is the name with
 * `_` in place of `-`.
 */
export type ServiceName = (typeof ROWS)[number]['name'];

/** Servers that a service opens connections to. */
export type Peer = ServiceName | 'redis' | 'postgres';

/** A row whose names are known to exist. */
export interface CatalogueRow extends ServiceRow {
  readonly name: ServiceName;
  readonly peers: readonly Peer[];
}

export const CATALOGUE: readonly CatalogueRow[] = ROWS;

/**
 * Returns the row of a service. Throws when the catalogue does not have the name: a defect in the code, never caused by
 * input.
 */
export function catalogueRow(name: ServiceName): CatalogueRow {
  const row = CATALOGUE.find((candidate) => candidate.name === name);
  if (row === undefined) throw new Error(`the catalogue has no service ${name}`);
  return row;
}

/** Returns the database role of a service: its name with `_` in place of `-`. */
export function databaseRoleOf(name: ServiceName): string {
  return name.replaceAll('-', '_');
}

/**
 * Returns the name of the Secret of a service in the namespace of the stack. The platform chart creates it with the
 * keys `redis-password` and `postgres-password`.
 */
export function platformSecretOf(name: ServiceName): string {
  return `platform-${name}`;
}

/** Secrets of the platform chart: of every service that uses Redis or Postgres. */
export function platformSecretNames(): readonly string[] {
  const stores = new Set<string>(['redis', 'postgres']);
  return CATALOGUE.filter(({ peers }) => peers.some((peer) => stores.has(peer))).map(({ name }) =>
    platformSecretOf(name),
  );
}

/** Ports on which the operator reads `/statusz`. */
export function servicePorts(): readonly number[] {
  return CATALOGUE.map(({ port }) => port);
}

/** The one service that sends orders: the one with update strategy Fenced. */
export function senderRow(): CatalogueRow {
  const row = CATALOGUE.find(({ update }) => update === 'Fenced');
  if (row === undefined) throw new Error('no service of the catalogue sends orders');
  return row;
}

/** Consumer groups of a stream that must lose nothing: what a trimmer has to wait for. */
export function groupsOf(stream: string): readonly ServiceName[] {
  return CATALOGUE.filter(({ redis }) => redis?.consumes?.includes(stream)).map(({ name }) => name);
}
