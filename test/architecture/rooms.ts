/** What a room may import from another room or a package: everything, or only what is erased with the types. */
export type Grant = 'values' | 'types';

export interface Room {
  readonly name: string;
  /** Files that belong to it. A file belongs to the first room of the list that matches its path. */
  readonly files: RegExp;
  /** Rooms of the project. The prefix `own` means the room of the same service. The room itself is always allowed. */
  readonly rooms: Readonly<Record<string, Grant>>;
  /** npm packages; a deep path must be given in full. */
  readonly packages?: Readonly<Record<string, Grant>>;
  /** Node.js modules by name, or `*` for all. */
  readonly node?: readonly string[];
}

const SHARED_FOR_CLIENTS = {
  'shared/runtime': 'values',
  'shared/contracts': 'values',
  'shared/domain': 'values',
} as const;

const SHARED = {
  ...SHARED_FOR_CLIENTS,
  'shared/market': 'values',
  'shared/redis': 'values',
  'shared/postgres': 'values',
  'shared/venue': 'values',
} as const;

const TYPES_FOR_PORTS = { ...SHARED_FOR_CLIENTS, 'shared/redis': 'types', 'shared/venue': 'types' } as const;

const OWN = {
  'own core': 'values',
  'own store': 'values',
  'own service': 'values',
  'own ports': 'types',
  'own metrics': 'values',
  'own config': 'values',
} as const;

/** What every room of the operator's controllers may take. */
const CONTROLLER_ROOMS = {
  'operator/api': 'values',
  'operator/releases': 'values',
  'operator/resources': 'values',
  'operator/rollout': 'values',
  'operator/sender': 'values',
  'operator/status': 'values',
  'operator/decide': 'values',
  'operator/explain': 'values',
  'shared/contracts': 'values',
} as const;

/** Decisions and builders: they see what was observed, and no client. */
const PURE_OPERATOR = {
  rooms: { ...CONTROLLER_ROOMS, 'operator/observe': 'types', 'shared/domain': 'values' },
  packages: { '@kubernetes/client-node': 'types' },
  node: ['node:crypto'],
} as const satisfies Pick<Room, 'rooms' | 'packages' | 'node'>;

/** What the code of a service may import, besides the adapters of venues. */
const SERVICE_ROOMS = {
  ...SHARED_FOR_CLIENTS,
  'shared/venue': 'values',
  'shared/market': 'types',
  'shared/redis': 'types',
  'shared/postgres': 'types',
  'own core': 'values',
  'own metrics': 'values',
  'own store': 'types',
  'own ports': 'types',
  'own config': 'types',
  'own push server': 'values',
  'own venue protocol': 'values',
} as const;

/**
 * The table of imports: what each room may import. Everything else is rejected. Tests beside files may import
 * everything, so the table does not list them. No file imports from `test/`.
 */
export const ROOMS: readonly Room[] = [
  { name: 'shared/domain', files: /^services\/shared\/domain\//, rooms: {} },
  {
    name: 'shared/contracts',
    files: /^services\/shared\/contracts\//,
    rooms: { 'shared/domain': 'values' },
    packages: { zod: 'values' },
  },
  {
    name: 'shared/runtime',
    files: /^services\/shared\/runtime\//,
    rooms: {},
    packages: { pino: 'values', 'prom-client': 'values', zod: 'values' },
    node: ['*'],
  },
  {
    name: 'shared/config',
    files: /^services\/shared\/config\//,
    rooms: { 'shared/runtime': 'values', 'shared/contracts': 'values' },
    packages: { zod: 'types' },
  },
  {
    name: 'shared/redis',
    files: /^services\/shared\/redis\//,
    rooms: SHARED_FOR_CLIENTS,
    packages: { ioredis: 'values', 'prom-client': 'values' },
    node: ['*'],
  },
  {
    name: 'shared/market',
    files: /^services\/shared\/market\//,
    rooms: { ...SHARED_FOR_CLIENTS, 'shared/redis': 'values' },
  },
  {
    name: 'shared/postgres',
    files: /^services\/shared\/postgres\//,
    rooms: SHARED_FOR_CLIENTS,
    packages: { pg: 'values', 'prom-client': 'values' },
    node: ['*'],
  },
  {
    // One adapter: everything that only MEXC does. The ports beside it never import it.
    name: 'shared/venue/mexc',
    files: /^services\/shared\/venue\/mexc\//,
    rooms: { ...SHARED_FOR_CLIENTS, 'shared/venue': 'values' },
    // One exchange class by its deep path: the package's index loads all of its hundred venues.
    packages: {
      'ccxt/js/src/mexc.js': 'values',
      ccxt: 'types',
      ws: 'values',
      'protobufjs/minimal.js': 'values',
      zod: 'values',
      'prom-client': 'values',
    },
    node: ['*'],
  },
  {
    // The ports, and what all venues share.
    name: 'shared/venue',
    files: /^services\/shared\/venue\//,
    rooms: SHARED_FOR_CLIENTS,
    node: ['*'],
  },
  {
    // The engine that runs the real services on a virtual clock: it alone may import the cores and services of others.
    name: 'replay',
    files: /^services\/replay\//,
    rooms: {
      ...SHARED,
      'shared/venue/mexc': 'values',
      core: 'values',
      ports: 'types',
      service: 'values',
      metrics: 'values',
      'store/memory': 'values',
      store: 'values',
    },
    packages: { 'prom-client': 'values' },
    node: ['*'],
  },
  {
    name: 'core',
    files: /^services\/[^/]+\/core\//,
    rooms: { 'shared/domain': 'values', 'shared/contracts': 'types' },
  },
  {
    // A twin of the store in memory, as product code: the replay engine runs the services on it.
    name: 'store/memory',
    files: /^services\/[^/]+\/store\/memory\//,
    rooms: {
      'shared/contracts': 'values',
      'shared/domain': 'values',
      'own core': 'values',
      'own ports': 'types',
      'own store': 'types',
    },
  },
  {
    name: 'store',
    files: /^services\/[^/]+\/store\//,
    rooms: {
      'shared/market': 'values',
      'shared/redis': 'values',
      'shared/postgres': 'values',
      'shared/contracts': 'values',
      'shared/domain': 'values',
      'own core': 'types',
      'own ports': 'types',
    },
    packages: { pg: 'types', zod: 'values' },
    node: ['node:fs', 'node:stream', 'node:stream/promises', 'node:zlib'],
  },
  {
    // What a service needs from outside, as types.
    name: 'ports',
    files: /^services\/[^/]+\/ports\.ts$/,
    rooms: { ...TYPES_FOR_PORTS, 'own core': 'types', 'own store': 'types' },
  },
  {
    name: 'metrics',
    files: /^services\/[^/]+\/metrics\.ts$/,
    rooms: { 'shared/runtime': 'values', 'own core': 'types' },
    packages: { 'prom-client': 'values' },
  },
  {
    name: 'config',
    files: /^services\/[^/]+\/config\.ts$/,
    rooms: { ...SHARED_FOR_CLIENTS, 'shared/config': 'values' },
    packages: { zod: 'values' },
    node: ['node:url'],
  },
  {
    name: 'main',
    files: /^services\/[^/]+\/main\.ts$/,
    rooms: { 'shared/runtime': 'values', 'own wire': 'values', 'own config': 'values' },
  },
  {
    name: 'wire',
    files: /^services\/[^/]+\/wire\.ts$/,
    rooms: { ...SHARED, 'shared/venue/mexc': 'values', ...OWN },
    node: ['*'],
  },
  {
    // The server side of a WebSocket, in a service that has clients of its own.
    name: 'push server',
    files: /^services\/[^/]+\/stream\/push-server\.ts$/,
    rooms: {},
    packages: { ws: 'values' },
    node: ['node:http', 'node:stream'],
  },
  {
    // The exchange simulator speaks MEXC's protocol: it shares names of channels and frames with the adapter.
    name: 'venue protocol',
    files: /^services\/exchange-simulator\/(?:rest|stream)\/mexc\//,
    rooms: { ...SERVICE_ROOMS, 'shared/venue/mexc': 'values', 'own service': 'values' },
    node: ['node:crypto'],
  },
  {
    // service.ts and the files split from it. Clients are ports: their types may be imported, their values come from
    // wire.ts.
    name: 'service',
    files: /^services\/[^/]+\//,
    rooms: SERVICE_ROOMS,
    node: ['node:crypto'],
  },
  {
    name: 'operator/api/crds',
    files: /^operator\/api\/crds\//,
    rooms: { 'operator/explain': 'values', 'operator/api': 'values', 'shared/contracts': 'values' },
    packages: { zod: 'values', yaml: 'values' },
    node: ['*'],
  },
  {
    name: 'operator/api',
    files: /^operator\/api\//,
    rooms: { 'shared/contracts': 'values', 'shared/domain': 'values' },
    packages: { zod: 'values', '@kubernetes/client-node': 'types' },
  },
  {
    name: 'operator/explain',
    files: /^operator\/explain\//,
    rooms: { 'operator/api': 'values', 'shared/contracts': 'values' },
  },
  {
    name: 'operator/kube',
    files: /^operator\/kube\//,
    rooms: { 'shared/runtime': 'values' },
    packages: { '@kubernetes/client-node': 'values', undici: 'values', 'prom-client': 'values' },
    node: ['*'],
  },
  {
    name: 'operator/pods',
    files: /^operator\/pods\//,
    rooms: {
      'operator/api': 'values',
      'shared/contracts': 'values',
      'shared/domain': 'values',
      'shared/runtime': 'types',
    },
  },
  { name: 'operator/releases', files: /^operator\/releases\//, ...PURE_OPERATOR },
  { name: 'operator/resources', files: /^operator\/resources\//, ...PURE_OPERATOR },
  {
    name: 'operator/caches',
    files: /^operator\/controllers\/caches\//,
    rooms: { ...CONTROLLER_ROOMS, 'operator/kube': 'values', 'shared/runtime': 'values' },
  },
  {
    name: 'operator/observe',
    files: /^operator\/controllers\/[^/]+\/observe\//,
    rooms: {
      ...CONTROLLER_ROOMS,
      'operator/kube': 'types',
      'operator/caches': 'types',
      'operator/pods': 'types',
      'shared/domain': 'values',
      'shared/runtime': 'types',
    },
    packages: { '@kubernetes/client-node': 'types' },
    node: ['node:crypto'],
  },
  { name: 'operator/rollout', files: /^operator\/controllers\/[^/]+\/rollout\//, ...PURE_OPERATOR },
  { name: 'operator/sender', files: /^operator\/controllers\/[^/]+\/sender\//, ...PURE_OPERATOR },
  { name: 'operator/status', files: /^operator\/controllers\/[^/]+\/status\//, ...PURE_OPERATOR },
  { name: 'operator/decide', files: /^operator\/controllers\/[^/]+\/(?:decide|decision)\.ts$/, ...PURE_OPERATOR },
  {
    name: 'operator/shell',
    files: /^operator\/controllers\/[^/]+\/(?:apply|reconciler)\.ts$/,
    rooms: {
      ...CONTROLLER_ROOMS,
      'operator/observe': 'values',
      'operator/caches': 'values',
      'operator/pods': 'values',
      'operator/kube': 'values',
      'operator/metrics': 'types',
      'shared/runtime': 'types',
    },
    packages: { '@kubernetes/client-node': 'types' },
  },
  {
    name: 'operator/config',
    files: /^operator\/config\.ts$/,
    rooms: { 'shared/runtime': 'values' },
    packages: { zod: 'values' },
  },
  {
    name: 'operator/metrics',
    files: /^operator\/metrics\.ts$/,
    rooms: { 'shared/runtime': 'values', 'operator/api': 'values' },
    packages: { 'prom-client': 'values' },
  },
  {
    name: 'operator/main',
    files: /^operator\/main\.ts$/,
    rooms: {
      'operator/wire': 'values',
      'operator/api': 'values',
      'operator/config': 'values',
      'shared/runtime': 'values',
    },
  },
  {
    name: 'operator/wire',
    files: /^operator\/wire\.ts$/,
    rooms: {
      ...CONTROLLER_ROOMS,
      'operator/shell': 'values',
      'operator/caches': 'values',
      'operator/pods': 'values',
      'operator/kube': 'values',
      'operator/config': 'values',
      'operator/metrics': 'values',
      'shared/runtime': 'values',
    },
    packages: { '@kubernetes/client-node': 'values' },
    node: ['*'],
  },
];

/** Single imports that are allowed although the table rejects them, each with its reason. */
export interface Exception {
  readonly from: RegExp;
  readonly to: RegExp;
  readonly reason: string;
}

export const EXCEPTIONS: readonly Exception[] = [
  {
    from: /^services\/shared\/runtime\/healthcheck\.ts$/,
    to: /^services\/shared\/contracts\/catalogue\.ts$/,
    reason: 'the health check of the image is a process of its own, and the catalogue knows the port to ask',
  },
  {
    from: /^operator\/kube\//,
    to: /^services\/shared\/domain\/canonical-json\.ts$/,
    reason: 'canonical JSON is no knowledge of trading, and there must be only one',
  },
];

/** Returns the room of a file: `test` below test/ and for tests beside files; undefined outside the layout. */
export function roomOf(path: string): string | undefined {
  if (isTest(path)) return 'test';
  return ROOMS.find(({ files }) => files.test(path))?.name;
}

/** Tests, wherever they are, and what serves only them: a contract is one suite for several implementations. */
export function isTest(path: string): boolean {
  return path.startsWith('test/') || path.endsWith('.test.ts') || /(?:\/|-)contract\.ts$/.test(path);
}

/** Folders beside the services that are none: no process, no row in the catalogue. */
export const NO_SERVICE: ReadonlySet<string> = new Set(['shared', 'replay']);

/** Folder of the service that a file belongs to; undefined in shared/, replay/ and outside services/. */
export function serviceOf(path: string): string | undefined {
  const name = /^services\/([^/]+)\//.exec(path)?.[1];
  return name === undefined || NO_SERVICE.has(name) ? undefined : name;
}
