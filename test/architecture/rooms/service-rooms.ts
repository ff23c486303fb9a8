import type { Room } from './room.ts';

const SHARED_FOR_CLIENTS = {
  'shared/runtime': 'values',
  'shared/contracts': 'values',
  'shared/domain': 'values',
} as const;

const SHARED = {
  ...SHARED_FOR_CLIENTS,
  'shared/market': 'values',
  'shared/trading-state': 'values',
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
  'own clients': 'values',
} as const;

/** What the code of a service may import, besides the adapters of venues. */
const SERVICE_ROOMS = {
  ...SHARED_FOR_CLIENTS,
  'shared/venue': 'values',
  'shared/market': 'types',
  'shared/trading-state': 'types',
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

/** Rooms of `services/`: what all services share, the replay engine, and the inner folders of a service. */
export const SERVICE_FOLDERS: readonly Room[] = [
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
    name: 'shared/trading-state',
    files: /^services\/shared\/trading-state\//,
    rooms: SHARED_FOR_CLIENTS,
    packages: { 'prom-client': 'values', zod: 'values' },
    node: ['node:fs', 'node:fs/promises'],
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
      'venue protocol': 'values',
    },
    packages: { ioredis: 'values', 'prom-client': 'values' },
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
    // A program for a person, which runs beside the process and shares only the contracts with it.
    name: 'halt',
    files: /^services\/execution\/halt\//,
    rooms: SHARED_FOR_CLIENTS,
    node: ['node:os', 'node:util'],
  },
  {
    name: 'wire',
    files: /^services\/[^/]+\/wire\.ts$/,
    rooms: { ...SHARED, 'shared/venue/mexc': 'values', ...OWN },
    node: ['*'],
  },
  {
    // Opens the pools, connections and consumers of one server, where that is too much for wire.ts.
    name: 'clients',
    files: /^services\/[^/]+\/clients\//,
    rooms: { ...SHARED, 'own store': 'values' },
    packages: { pg: 'types' },
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
];
