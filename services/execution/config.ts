import { readServiceConfig } from '../shared/config/service-config.ts';
import { SECRET_FILES } from '../shared/contracts/pod-files.ts';
import { executionSettings } from '../shared/contracts/services/execution.ts';
import { createSecretReader, readSecret } from '../shared/runtime/secret-file.ts';

export type Config = ReturnType<typeof readConfig>;

/** Reads environment, settings and secrets, including the keys of the venue account. Throws ConfigError. */
export function readConfig() {
  const config = readServiceConfig('execution', executionSettings, process.env);
  const { environment, settings } = config;
  const secret = (file: string, name: string): string => readSecret(environment.secretsDirectory, file, name);
  const { venue, symbols, recvWindowMs } = settings;
  return {
    ...config,
    controlToken: createSecretReader(environment.secretsDirectory, SECRET_FILES.controlToken, 'tradingstack-control'),
    account: {
      restUrl: venue.restUrl,
      wsUrl: venue.wsUrl,
      apiKey: secret(SECRET_FILES.venueApiKey, 'of the venue account'),
      secretKey: secret(SECRET_FILES.venueSecretKey, 'of the venue account'),
      symbols,
      recvWindowMs,
    },
  };
}
