import { z } from 'zod';
import {
  hostVariable,
  logLevelVariable,
  parseEnvironment,
  type ProcessEnvironment,
} from '../services/shared/runtime/service-environment.ts';

const names = z
  .string()
  .default('')
  .transform((text) =>
    text
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== ''),
  )
  .pipe(
    z
      .array(z.string().regex(/^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$/, 'must be a comma-separated list of object names'))
      .max(50),
  );

const KUBE_DNS = '{"namespace":"kube-system","podLabels":{"k8s-app":"kube-dns"},"cidrs":[],"port":53}';

/** Rejects an empty selector, because it would match every pod of the namespace. */
const resolver = z
  .string()
  .default(KUBE_DNS)
  .transform((text, context): unknown => {
    try {
      return JSON.parse(text);
    } catch {
      context.addIssue({ code: 'custom', message: 'must be JSON' });
      return z.NEVER;
    }
  })
  .pipe(
    z.strictObject({
      namespace: z.string().min(1).max(63),
      podLabels: z
        .record(z.string(), z.string())
        .refine((labels) => Object.keys(labels).length > 0, 'must contain at least one label'),
      cidrs: z.array(z.union([z.cidrv4(), z.cidrv6()])).max(10),
      port: z.int().min(1).max(65_535),
    }),
  );

const whole = (min: number, max: number, value: number) => z.coerce.number().int().min(min).max(max).default(value);

const variables = z.object({
  POD_NAME: z.string().min(1).max(253),
  POD_NAMESPACE: z.string().min(1).max(63),
  PORT: z.coerce.number().int().min(0).max(65_535).default(8_080),
  HOST: hostVariable,
  VERSION: z.string().min(1).max(64).default('development'),
  WATCH_NAMESPACES: names,
  VENUE_SECRET_NAMES: names,
  RESOLVER: resolver,
  LOG_LEVEL: logLevelVariable,
  RECONCILE_WORKERS: whole(1, 64, 8),
  RECONCILE_TIMEOUT_MS: whole(5_000, 600_000, 60_000),
  RETRIES_PER_SECOND: whole(1, 1_000, 10),
  RETRY_BURST: whole(1, 10_000, 100),
  LEASE_SECONDS: whole(6, 120, 15),
  POD_TIMEOUT_MS: whole(100, 10_000, 1_000),
  AUDIT_INTERVAL_MS: whole(60_000, 86_400_000, 600_000),
  CACHE_LIST_TIMEOUT_MS: whole(5_000, 600_000, 60_000),
});

export interface OperatorConfig {
  readonly environment: ProcessEnvironment;
  readonly port: number;
  readonly podName: string;
  readonly namespace: string;
  /** Empty for all namespaces. */
  readonly watchNamespaces: readonly string[];
  /** Names of the Secrets with venue keys that stacks may use. */
  readonly venueSecretNames: readonly string[];
  readonly controller: {
    /** Stacks that are reconciled at the same time. */
    readonly workers: number;
    /** Time after which a reconcile is aborted and retried. */
    readonly timeoutMs: number;
  };
  /** Retries of failed reconciles, over all stacks: how many per second, and how many at once. */
  readonly queue: { readonly ratePerSecond: number; readonly burst: number };
  readonly caches: {
    /** How often a complete list verifies each cache. */
    readonly auditIntervalMs: number;
    /** Time within which a new leader must have listed every resource; otherwise it ends. */
    readonly renewTimeoutMs: number;
  };
  /** How long the leader may go without renewing its lease before another replica takes it. */
  readonly leaseSeconds: number;
  /** How long a pod may take to report its status. */
  readonly podTimeoutMs: number;
  /** Facts about the cluster that stacks need: the namespace of the operator and the DNS resolver. */
  readonly surroundings: { readonly operatorNamespace: string; readonly resolver: z.output<typeof resolver> };
}

/** Reads the configuration of the operator from its environment. Throws ConfigError, which lists every problem. */
export function readConfig(): OperatorConfig {
  const values = parseEnvironment(variables, process.env);
  return Object.freeze({
    environment: {
      release: values.VERSION,
      podName: values.POD_NAME,
      podIp: undefined,
      logLevel: values.LOG_LEVEL,
      port: values.PORT,
      host: values.HOST,
    },
    port: values.PORT,
    podName: values.POD_NAME,
    namespace: values.POD_NAMESPACE,
    watchNamespaces: values.WATCH_NAMESPACES,
    venueSecretNames: values.VENUE_SECRET_NAMES,
    controller: { workers: values.RECONCILE_WORKERS, timeoutMs: values.RECONCILE_TIMEOUT_MS },
    queue: { ratePerSecond: values.RETRIES_PER_SECOND, burst: values.RETRY_BURST },
    caches: { auditIntervalMs: values.AUDIT_INTERVAL_MS, renewTimeoutMs: values.CACHE_LIST_TIMEOUT_MS },
    leaseSeconds: values.LEASE_SECONDS,
    podTimeoutMs: values.POD_TIMEOUT_MS,
    surroundings: { operatorNamespace: values.POD_NAMESPACE, resolver: values.RESOLVER },
  });
}
