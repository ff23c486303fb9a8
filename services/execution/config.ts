import { platformSecretOf } from '../shared/contracts/catalogue.ts';
import { SECRET_FILES, SECRETS_DIRECTORY, SETTINGS_FILE } from '../shared/contracts/pod-files.ts';
import { executionSettings, type ExecutionSettings } from '../shared/contracts/services/execution.ts';
import { readSecret } from '../shared/runtime/secret-file.ts';
import { loadSettings, readEnvironment, type ServiceEnvironment } from '../shared/runtime/service-environment.ts';

export interface Config {
  readonly environment: ServiceEnvironment;
  readonly settings: ExecutionSettings;
  readonly redis: ExecutionSettings['redis'] & { readonly password: string };
  readonly postgres: ExecutionSettings['postgres'] & { readonly password: string };
  readonly controlToken: string;
  readonly account: VenueAccount;
}

/** The account at the venue: where it is, its keys, what is traded, and how long a request lives. */
export interface VenueAccount {
  readonly restUrl: string;
  readonly wsUrl: string;
  readonly apiKey: string;
  readonly secretKey: string;
  readonly symbols: readonly string[];
  readonly recvWindowMs: number;
}

/** Throws ConfigError listing everything that is wrong. */
export function readConfig(): Config {
  const environment = readEnvironment(process.env, {
    settingsFile: SETTINGS_FILE,
    secretsDirectory: SECRETS_DIRECTORY,
  });
  const secret = (file: string, name: string): string => readSecret(environment.secretsDirectory, file, name);
  const platform = platformSecretOf('execution');
  const settings = loadSettings(executionSettings, environment.settingsFile);
  const { restUrl, wsUrl } = settings.venue;
  return {
    environment,
    settings,
    redis: { ...settings.redis, password: secret(SECRET_FILES.redisPassword, platform) },
    postgres: { ...settings.postgres, password: secret(SECRET_FILES.postgresPassword, platform) },
    controlToken: secret(SECRET_FILES.controlToken, 'tradingstack-control'),
    account: {
      restUrl,
      wsUrl,
      apiKey: secret(SECRET_FILES.venueApiKey, 'of the venue account'),
      secretKey: secret(SECRET_FILES.venueSecretKey, 'of the venue account'),
      symbols: settings.symbols,
      recvWindowMs: settings.recvWindowMs,
    },
  };
}
