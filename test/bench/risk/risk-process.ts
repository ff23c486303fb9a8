import { Registry } from 'prom-client';
import { wireRisk } from '../../../services/risk/wire.ts';
import { systemClock } from '../../../services/shared/runtime/clock.ts';
import { Health } from '../../../services/shared/runtime/health.ts';
import { createLogger } from '../../../services/shared/runtime/logger.ts';
import type { PostgresAddress } from '../../harness/stores/private-postgres.ts';
import type { RedisAddress } from '../../harness/stores/private-redis.ts';
import { until } from '../../harness/until.ts';
import { startBareDecider } from './bare-decider.ts';
import { unlimitedSettings } from './signals.ts';

// The deciding process of the bench `risk`: the service as its process wires it, or the reference. It answers each
// order of its parent with one message.

export const DECIDERS = ['ours', 'bare'] as const;
export type Decider = (typeof DECIDERS)[number];

/** Order to the process. */
export type Order =
  | {
      readonly kind: 'Start';
      readonly decider: Decider;
      readonly redis: RedisAddress;
      readonly postgres: PostgresAddress;
    }
  /** The answer is the processor time of this process so far. */
  | { readonly kind: 'Report' };

/** Microseconds of processor time. */
export type Answer = number;

process.on('message', (order: Order) => void obey(order));
process.on('disconnect', () => process.exit());

async function obey(order: Order): Promise<void> {
  if (order.kind === 'Start') await (order.decider === 'ours' ? startOurs(order) : startBareDecider(order));
  const { user, system } = process.cpuUsage();
  process.send?.((user + system) satisfies Answer);
}

async function startOurs({ redis, postgres }: Extract<Order, { kind: 'Start' }>): Promise<void> {
  const health = new Health();
  const settings = unlimitedSettings();
  const environment = { release: 'test', podName: 'risk-1', podIp: '10.0.0.1', logLevel: 'silent' } as const;
  const files = { port: undefined, secretsDirectory: '/nowhere', settingsFile: '/nowhere' };
  const config = {
    environment: { ...environment, ...files },
    settings,
    controlToken: () => 'token',
    redis,
    postgres: { ...settings.postgres, ...postgres },
  };
  const log = createLogger({ name: 'bench', level: 'silent' });
  const plan = wireRisk(config, { log, clock: systemClock, health, metrics: new Registry(), incarnation: 'one' });
  for (const part of plan.parts) void part.run(new AbortController().signal);
  await until(() => health.ready(), 20_000);
}
