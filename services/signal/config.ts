import { readServiceConfig } from '../shared/config/service-config.ts';
import { signalSettings } from '../shared/contracts/services/signal.ts';

export type Config = ReturnType<typeof readConfig>;

/** Reads environment, settings and secrets. Throws ConfigError. */
export function readConfig() {
  return readServiceConfig('signal', signalSettings, process.env);
}
