export interface RedisAccess {
  /** Key patterns that the service may read and write, without the prefix of the stack. */
  readonly read: readonly string[];
  readonly write: readonly string[];
  /** Streams that must lose nothing and that the service consumes as the group with its own name. */
  readonly consumes?: readonly string[];
  /** Whether the service runs Lua scripts on its keys. */
  readonly scripts?: true;
  /** Streams that the service trims, below what every consuming group has acknowledged. */
  readonly trims?: readonly string[];
}

export interface DatabaseGrant {
  /** `schema.table` or `schema.*`; with EXECUTE, the name of a function. */
  readonly on: string;
  readonly privileges: readonly ('SELECT' | 'INSERT' | 'UPDATE' | 'DELETE')[] | readonly ['EXECUTE'];
}

export interface Resources {
  readonly requests: { readonly cpu: string; readonly memory: string };
  readonly limits: { readonly cpu: string; readonly memory: string };
}

/**
 * One row of the catalogue. Everything that the operator, the charts and the migrations create for the service derives
 * from it.
 */
export interface ServiceRow {
  readonly name: string;
  readonly port: number;
  readonly tier: TierName;
  readonly update: 'Job' | 'Rolling' | 'Recreate' | 'Fenced';
  /** Number of pods, unless the spec has another one. Of the sender: of each colour. */
  readonly replicas: number;
  /** Servers that the service opens connections to: names of services, `redis`, `postgres`. */
  readonly peers: readonly string[];
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
  /**
   * Whether the service decides on or sends orders: it must confirm a halt, and its tier never waits while one is
   * requested.
   */
  readonly carriesHalt?: true;
  /**
   * Whether only one release of the service decides, of several that run at once: the operator activates it, and a
   * process of another one is not ready.
   */
  readonly oneReleaseDecides?: true;
  /** Whether its check `feed` represents the market data of the stack. */
  readonly reportsFeed?: true;
  /**
   * Most pods that the spec may ask for: because the consumers of a group share the work, or because one of them sends
   * and the other is its spare. All other services run one pod.
   */
  readonly replicasMax?: number;
  /** Modes in which the service runs. Absent means all. */
  readonly modes?: readonly ('Paper' | 'Testnet' | 'Live')[];
  /** Size of its own volume, mounted at /data. */
  readonly storage?: { readonly size: string };
}

/** Tiers in rollout order. */
export const TIERS = ['foundation', 'venue', 'data', 'strategy', 'risk', 'execution'] as const;
export type TierName = (typeof TIERS)[number];

export const SMALL: Resources = {
  requests: { cpu: '20m', memory: '96Mi' },
  limits: { cpu: '1', memory: '256Mi' },
};
export const MEDIUM: Resources = {
  requests: { cpu: '50m', memory: '128Mi' },
  limits: { cpu: '1', memory: '384Mi' },
};
