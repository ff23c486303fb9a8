import type { z } from 'zod';
import { platformSecretOf, type ServiceName } from '../contracts/catalogue.ts';
import { SECRET_FILES, SECRETS_DIRECTORY, SETTINGS_FILE } from '../contracts/pod-files.ts';
import { readSecret } from '../runtime/secret-file.ts';
import {
  loadSettings,
  readEnvironment,
  type Environment,
  type ServiceEnvironment,
} from '../runtime/service-environment.ts';

interface AnySettings {
  readonly stack: { readonly id: string };
  readonly redis?: object;
  readonly postgres?: object;
}

/** What a service reads before it builds its clients: environment, settings, and its stores with their passwords. */
export type ServiceConfig<T extends AnySettings> = {
  readonly environment: ServiceEnvironment;
  readonly settings: T;
} & (T extends { readonly redis: infer R } ? { readonly redis: R & RedisLogin } : unknown) &
  (T extends { readonly postgres: infer P } ? { readonly postgres: P & { readonly password: string } } : unknown);

interface RedisLogin {
  /** ID of the stack, which prefixes every key. */
  readonly stack: string;
  readonly password: string;
}

/**
 * Reads environment, settings document and passwords of a service. Throws ConfigError: every problem of the
 * environment, else every problem of the settings, else the first missing password.
 */
export function readServiceConfig<T extends AnySettings>(
  name: ServiceName,
  schema: z.ZodType<T>,
  env: Environment,
): ServiceConfig<T> {
  const environment = readEnvironment(env, { settingsFile: SETTINGS_FILE, secretsDirectory: SECRETS_DIRECTORY });
  const settings = loadSettings(schema, environment.settingsFile);
  const password = (file: string): string => readSecret(environment.secretsDirectory, file, platformSecretOf(name));
  const { stack, redis, postgres } = settings;
  const config = {
    environment,
    settings,
    ...(redis === undefined
      ? {}
      : { redis: { ...redis, stack: stack.id, password: password(SECRET_FILES.redisPassword) } }),
    ...(postgres === undefined ? {} : { postgres: { ...postgres, password: password(SECRET_FILES.postgresPassword) } }),
  };
  return Object.freeze(config) as ServiceConfig<T>;
}
