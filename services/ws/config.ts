import { readServiceConfig } from '../shared/config/service-config.ts';
import { wsSettings } from '../shared/contracts/services/ws.ts';

export type Config = ReturnType<typeof readConfig>;

/** Reads environment, settings and secrets. Throws ConfigError. */
export function readConfig() {
  return readServiceConfig('ws', wsSettings, process.env);
}
