import { readServiceConfig } from '../shared/config/service-config.ts';
import { SECRET_FILES } from '../shared/contracts/pod-files.ts';
import { riskSettings } from '../shared/contracts/services/risk.ts';
import { createSecretReader } from '../shared/runtime/secret-file.ts';

export type Config = ReturnType<typeof readConfig>;

/** Reads environment, settings and secrets. Throws ConfigError. */
export function readConfig() {
  const config = readServiceConfig('risk', riskSettings, process.env);
  const { secretsDirectory } = config.environment;
  const controlToken = createSecretReader(secretsDirectory, SECRET_FILES.controlToken, 'tradingstack-control');
  return { ...config, controlToken };
}
