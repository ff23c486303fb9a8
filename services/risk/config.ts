import { readServiceConfig } from '../shared/config/service-config.ts';
import { riskSettings } from '../shared/contracts/services/risk.ts';

export type Config = ReturnType<typeof readConfig>;

/** Reads environment, settings and secrets. Throws ConfigError. */
export function readConfig() {
  return readServiceConfig('risk', riskSettings, process.env);
}
