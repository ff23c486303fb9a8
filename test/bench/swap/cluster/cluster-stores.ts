import type { Pool } from 'pg';
import { secrets } from '../../../../operator/kube/client/builtin-resources.ts';
import { databaseRoleOf, platformSecretOf } from '../../../../services/shared/contracts/catalogue.ts';
import { createPool } from '../../../../services/shared/postgres/pool.ts';
import { createLogger } from '../../../../services/shared/runtime/logger.ts';
import { startLoad, type Load } from '../../halt/load.ts';
import { ORDERS_PER_SECOND, takingTerms } from '../taking-orders.ts';
import { NAMESPACE, type BenchCluster } from './bench-cluster.ts';
import { forwardPort } from './forward-port.ts';

/** Redis and Postgres of the namespace, with the rights of risk. */
export interface ClusterStores {
  readonly pool: Pool;
  /** Approves 20 orders a second for a stack. */
  startLoad(stack: string): Load;
  close(): Promise<void>;
}

const DATABASE = 'trading_ecosystem';

export async function openStores({ cluster, client }: BenchCluster): Promise<ClusterStores> {
  const forward = { cluster, namespace: NAMESPACE };
  const redis = await forwardPort({ ...forward, target: 'pod/redis-0', port: 6379 });
  const postgres = await forwardPort({ ...forward, target: 'pod/postgres-0', port: 5432 });
  const { data = {} } = await client.get(secrets, { namespace: NAMESPACE, name: platformSecretOf('risk') });
  const passwordOf = (key: string): string => Buffer.from(data[key] ?? '', 'base64').toString();
  const pool = createPool({
    host: '127.0.0.1',
    port: postgres.port,
    database: DATABASE,
    user: databaseRoleOf('risk'),
    password: passwordOf('postgres-password'),
    applicationName: 'bench',
    log: createLogger({ name: 'bench', level: 'silent' }),
  });
  const address = { host: '127.0.0.1', port: redis.port, username: 'risk', password: passwordOf('redis-password') };
  return {
    pool,
    startLoad: (stack) =>
      startLoad({
        pool,
        redis: { ...address, stack },
        stack,
        symbols: [],
        perSecond: ORDERS_PER_SECOND,
        termsOf: takingTerms,
        quotes: false,
      }),
    close: async () => {
      await pool.end();
      redis.close();
      postgres.close();
    },
  };
}
