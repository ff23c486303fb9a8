import { defineConfig } from 'vitest/config';

const special = ['**/*.redis.test.ts', '**/*.pg.test.ts', '**/*.kube.test.ts', '**/*.e2e.test.ts'];

const ALONE = ['paper-stack', 'network', 'halt', 'idle', 'secrets'].map((name) => `test/e2e/${name}.e2e.test.ts`);
/** Too long for each run of all levels, and one node has no room for its stacks beside the others. */
const LONG = ['broken-releases'].map((name) => `test/e2e/${name}.e2e.test.ts`);
const BESIDE = ['test/e2e/**/*.e2e.test.ts', ...apart([...ALONE, ...LONG])];

const MEASURED = ['halt-bench', 'reconcile-bench', 'risk-swap', 'swap', 'swap-bench', 'takeover-bench'];
const LOADED = [
  ...MEASURED.map((name) => `test/integration/${name}.test.ts`),
  'operator/kube/cache/reflector.kube.test.ts',
  'operator/kube/client/expired-page.kube.test.ts',
  'operator/kube/leader/leader-election.kube.test.ts',
];

function apart(files: readonly string[]): readonly string[] {
  return files.map((file) => `!${file}`);
}

interface LevelOptions {
  readonly include: string[];
  readonly maxWorkers: number;
  readonly groupOrder: number;
}

function integration(name: string, { groupOrder, ...options }: LevelOptions) {
  // Generous, for two files that both compute: an API server starts in five seconds, or in a minute.
  const patience = { testTimeout: 180_000, hookTimeout: 180_000 };
  const globalSetup = [
    'test/harness/stores/redis-server.ts',
    'test/harness/stores/postgres-server.ts',
    'test/harness/kube/kube-api-server.ts',
  ];
  return { test: { name, ...options, ...patience, globalSetup, sequence: { groupOrder } } };
}

function e2e(name: string, { groupOrder, ...options }: LevelOptions) {
  const patience = { testTimeout: 900_000, hookTimeout: 900_000 };
  const globalSetup = ['test/e2e/environment.ts'];
  return { test: { name, ...options, ...patience, globalSetup, sequence: { groupOrder } } };
}

/** The suffix of a test file says what it needs; the project is chosen by it. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          // Pure code needs no isolation: importing everything again for each of 150 files took longer than the tests.
          isolate: false,
          include: [
            'operator/**/*.test.ts',
            'services/**/*.test.ts',
            'test/{harness,fixtures,faults,judges,cluster,runner,e2e,bench,chaos,soak}/**/*.test.ts',
          ],
          exclude: special,
          // Generous: a busy machine is no failure. A test that hangs still ends.
          testTimeout: 30_000,
        },
      },
      { test: { name: 'architecture', include: ['test/architecture/**/*.test.ts'] } },
      {
        test: {
          name: 'redis',
          include: ['{operator,services,test}/**/*.redis.test.ts'],
          globalSetup: ['test/harness/stores/redis-server.ts'],
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'pg',
          include: ['{operator,services,test}/**/*.pg.test.ts'],
          globalSetup: ['test/harness/stores/postgres-server.ts'],
          testTimeout: 30_000,
        },
      },
      { test: { name: 'simulation', include: ['test/simulation/**/*.test.ts'], testTimeout: 120_000 } },
      // Most files wait for timers, servers and processes.
      // Those that measure, load both cores or compact etcd run alone.
      integration('integration', {
        include: ['test/integration/**/*.test.ts', 'operator/**/*.kube.test.ts', ...apart(LOADED)],
        maxWorkers: 2,
        groupOrder: 1,
      }),
      integration('integration-alone', { include: LOADED, maxWorkers: 1, groupOrder: 2 }),
      // Files with their own stacks run beside the kills; those that measure the cluster or the main stack run alone.
      e2e('e2e', { include: BESIDE, maxWorkers: 3, groupOrder: 1 }),
      e2e('e2e-alone', { include: ALONE, maxWorkers: 1, groupOrder: 2 }),
      e2e('e2e-long', { include: LONG, maxWorkers: 1, groupOrder: 3 }),
    ],
  },
});
