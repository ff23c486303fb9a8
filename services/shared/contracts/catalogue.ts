/** Services of this release. The name is also the folder, the container, the Redis user and the database role. */
export type ServiceName = 'migrations' | 'exchange-simulator' | 'ws' | 'db-writer' | 'signal' | 'risk' | 'execution';

/** Servers that a service opens connections to. */
export type Peer = ServiceName | 'redis' | 'postgres';

export interface RedisAccess {
  /** Key patterns that the service may read and write, without the prefix of the stack. */
  readonly read: readonly string[];
  readonly write: readonly string[];
}

export interface DatabaseGrant {
  /** `schema.table` or `schema.*`. */
  readonly on: string;
  readonly privileges: readonly ('SELECT' | 'INSERT' | 'UPDATE' | 'DELETE')[];
}

export interface Resources {
  readonly requests: { readonly cpu: string; readonly memory: string };
  readonly limits: { readonly cpu: string; readonly memory: string };
}

/**
 * One row of the catalogue. Everything that the operator, the charts and the migrations create for the service derives
 * from it.
 */
export interface CatalogueRow {
  readonly name: ServiceName;
  readonly port: number;
  readonly tier: TierName;
  readonly update: 'Job' | 'Rolling' | 'Recreate' | 'Fenced';
  readonly replicas: number;
  readonly peers: readonly Peer[];
  readonly redis?: RedisAccess;
  readonly database?: readonly DatabaseGrant[];
  readonly resources: Resources;
  /**
   * Whether the service signs requests to the venue. The simulator checks signatures, so it also holds the keys of the
   * paper account.
   */
  readonly venueKeys: boolean;
  /** Whether the operator sends commands to the service, authorised by the token of the stack. */
  readonly controlled: boolean;
  /** Modes in which the service runs. Absent means all. */
  readonly modes?: readonly ('Paper' | 'Testnet' | 'Live')[];
  /** Size of its own volume, mounted at /data. */
  readonly storage?: { readonly size: string };
}

/** Tiers in rollout order. */
export const TIERS = ['foundation', 'venue', 'data', 'strategy', 'risk', 'execution'] as const;
export type TierName = (typeof TIERS)[number];

const SMALL: Resources = {
  requests: { cpu: '20m', memory: '96Mi' },
  limits: { cpu: '1', memory: '256Mi' },
};
const MEDIUM: Resources = {
  requests: { cpu: '50m', memory: '128Mi' },
  limits: { cpu: '1', memory: '384Mi' },
};

export const CATALOGUE: readonly CatalogueRow[] = [
  {
    name: 'migrations',
    port: 8079,
    tier: 'foundation',
    update: 'Job',
    replicas: 1,
    peers: ['postgres'],
    database: [],
    resources: SMALL,
    venueKeys: false,
    controlled: false,
  },
  {
    name: 'exchange-simulator',
    port: 8085,
    tier: 'venue',
    update: 'Recreate',
    replicas: 1,
    peers: [],
    resources: MEDIUM,
    venueKeys: true,
    controlled: false,
    modes: ['Paper'],
    storage: { size: '1Gi' },
  },
  {
    name: 'ws',
    port: 8000,
    tier: 'data',
    update: 'Rolling',
    replicas: 1,
    peers: ['redis', 'exchange-simulator'],
    redis: { read: [], write: ['md.*', 'dead.*'] },
    resources: SMALL,
    venueKeys: false,
    controlled: false,
  },
  {
    name: 'db-writer',
    port: 8008,
    tier: 'data',
    update: 'Rolling',
    replicas: 1,
    peers: ['redis', 'postgres'],
    redis: { read: ['md.*', 'signals'], write: ['md.*', 'signals', 'dead.*'] },
    database: [
      { on: 'market_data.trades', privileges: ['SELECT', 'INSERT', 'DELETE'] },
      { on: 'market_data.books', privileges: ['SELECT', 'INSERT', 'DELETE'] },
      { on: 'trading.signals', privileges: ['SELECT', 'INSERT'] },
    ],
    resources: SMALL,
    venueKeys: false,
    controlled: false,
  },
  {
    name: 'signal',
    port: 8001,
    tier: 'strategy',
    update: 'Rolling',
    replicas: 1,
    peers: ['redis'],
    redis: { read: ['md.*', 'signals.stances'], write: ['signals', 'signals.stances'] },
    resources: SMALL,
    venueKeys: false,
    controlled: false,
  },
  {
    name: 'risk',
    port: 8002,
    tier: 'risk',
    update: 'Rolling',
    replicas: 1,
    peers: ['redis', 'postgres'],
    redis: { read: ['md.*', 'signals'], write: ['signals', 'orders.approved', 'dead.*'] },
    database: [
      { on: 'risk.decisions', privileges: ['SELECT', 'INSERT'] },
      { on: 'risk.open_approvals', privileges: ['SELECT'] },
      { on: 'trading.live_orders', privileges: ['SELECT'] },
      // Read by releases before trading.live_orders: while one of them still runs, its exits need it.
      { on: 'trading.orders', privileges: ['SELECT'] },
      { on: 'trading.positions', privileges: ['SELECT'] },
      { on: 'trading.balances', privileges: ['SELECT'] },
      { on: 'trading.halts', privileges: ['SELECT', 'INSERT'] },
    ],
    resources: SMALL,
    venueKeys: false,
    controlled: false,
  },
  {
    name: 'execution',
    port: 8003,
    tier: 'execution',
    update: 'Fenced',
    replicas: 1,
    peers: ['redis', 'postgres', 'exchange-simulator'],
    redis: { read: ['orders.*', 'fills', 'md.*'], write: ['orders.*', 'fills', 'dead.*'] },
    database: [
      { on: 'risk.decisions', privileges: ['SELECT'] },
      { on: 'risk.open_approvals', privileges: ['SELECT'] },
      { on: 'trading.live_orders', privileges: ['SELECT'] },
      { on: 'trading.orders', privileges: ['SELECT', 'INSERT', 'UPDATE'] },
      { on: 'trading.order_events', privileges: ['SELECT', 'INSERT'] },
      { on: 'trading.trades', privileges: ['SELECT', 'INSERT'] },
      { on: 'trading.positions', privileges: ['SELECT', 'INSERT', 'UPDATE'] },
      { on: 'trading.balances', privileges: ['SELECT', 'INSERT', 'UPDATE'] },
      { on: 'trading.ledger_postings', privileges: ['SELECT', 'INSERT'] },
      { on: 'trading.portfolio_snapshots', privileges: ['SELECT', 'INSERT'] },
      { on: 'trading.execution_fence', privileges: ['SELECT', 'INSERT', 'UPDATE'] },
      { on: 'trading.halts', privileges: ['SELECT'] },
      { on: 'trading.outbox', privileges: ['SELECT', 'INSERT', 'UPDATE', 'DELETE'] },
      { on: 'trading.quarantine', privileges: ['SELECT', 'INSERT'] },
    ],
    resources: MEDIUM,
    venueKeys: true,
    controlled: true,
  },
];

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
