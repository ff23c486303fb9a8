import { z } from 'zod';
import {
  logLevelVariable,
  parseEnvironment,
  type ServiceEnvironment,
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
  .pipe(z.array(z.string().regex(/^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$/, 'must be names separated by ","')).max(50));

const variables = z.object({
  POD_NAME: z.string().min(1).max(253),
  POD_NAMESPACE: z.string().min(1).max(63),
  PORT: z.coerce.number().int().min(0).max(65_535).default(8_080),
  VERSION: z.string().min(1).max(64).default('development'),
  WATCH_NAMESPACES: names,
  VENUE_SECRET_NAMES: names,
  LOG_LEVEL: logLevelVariable,
});

export interface OperatorConfig {
  readonly environment: ServiceEnvironment;
  readonly port: number;
  readonly podName: string;
  readonly namespace: string;
  /** Empty: all. */
  readonly watchNamespaces: readonly string[];
  /** Secrets with venue keys that stacks may name. */
  readonly venueSecretNames: readonly string[];
}

/** The operator's settings, all from its environment. Throws ConfigError with every problem. */
export function readConfig(): OperatorConfig {
  const values = parseEnvironment(variables, process.env);
  return Object.freeze({
    environment: {
      settingsFile: '',
      secretsDirectory: '',
      release: values.VERSION,
      podName: values.POD_NAME,
      podIp: undefined,
      logLevel: values.LOG_LEVEL,
      port: values.PORT,
    },
    port: values.PORT,
    podName: values.POD_NAME,
    namespace: values.POD_NAMESPACE,
    watchNamespaces: values.WATCH_NAMESPACES,
    venueSecretNames: values.VENUE_SECRET_NAMES,
  });
}
