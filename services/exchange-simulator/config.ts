import { z } from 'zod';
import { readServiceConfig } from '../shared/config/service-config.ts';
import { SECRET_FILES } from '../shared/contracts/pod-files.ts';
import {
  exchangeSimulatorSettings,
  type ExchangeSimulatorSettings,
} from '../shared/contracts/services/exchange-simulator.ts';
import { stepOfDecimals, type Instrument } from '../shared/domain/instrument.ts';
import { ConfigError } from '../shared/runtime/errors.ts';
import { readSecret } from '../shared/runtime/secret-file.ts';
import { parseEnvironment } from '../shared/runtime/service-environment.ts';

export type Config = ReturnType<typeof readConfig>;

const ownEnvironment = z.object({ DATA_DIRECTORY: z.string().min(1).max(300).default('/data') });

/** Reads environment, settings and secrets. Throws ConfigError. */
export function readConfig() {
  const config = readServiceConfig('exchange-simulator', exchangeSimulatorSettings, process.env);
  const { environment, settings } = config;
  const problems = settingsProblems(settings);
  if (problems.length > 0) throw new ConfigError('SettingsInvalid', problems);
  const secret = (file: string): string => readSecret(environment.secretsDirectory, file, 'venue');
  return {
    ...config,
    // The simulator verifies signatures, so it has the keys of the paper account too.
    apiKey: secret(SECRET_FILES.venueApiKey),
    secretKey: secret(SECRET_FILES.venueSecretKey),
    dataDirectory: parseEnvironment(ownEnvironment, process.env).DATA_DIRECTORY,
  };
}

/**
 * Returns the problems that the schema cannot express: steps that the venue's protocol cannot represent, and a tape of
 * a pair that is not listed.
 */
export function settingsProblems({ instruments, tape }: ExchangeSimulatorSettings): readonly string[] {
  const listed = instruments.map(({ symbol }) => symbol);
  return [
    ...instruments.flatMap((instrument, index) => instrumentProblems(instrument, index)),
    ...(new Set(listed).size === listed.length ? [] : ['instruments: contains a symbol twice']),
    ...(listed.includes(tape.symbol) ? [] : [`tape.symbol: ${tape.symbol} is not among the instruments`]),
  ];
}

function instrumentProblems(instrument: Instrument, index: number): readonly string[] {
  const { symbol, base, quote, tickSize, lotSize } = instrument;
  const steps = Array.from({ length: 19 }, (_, decimals) => stepOfDecimals(decimals));
  const [tickDecimals, lotDecimals] = [steps.indexOf(tickSize), steps.indexOf(lotSize)];
  const at = `instruments[${index}]`;
  return [
    ...(symbol === `${base}/${quote}` ? [] : [`${at}.symbol: ${symbol} is not ${base}/${quote}`]),
    ...(tickDecimals >= 0 ? [] : [`${at}.tickSize: must be 1, 0.1, 0.01, ... 10^-18`]),
    ...(lotDecimals >= 0 ? [] : [`${at}.lotSize: must be 1, 0.1, 0.01, ... 10^-18`]),
    ...(tickDecimals + lotDecimals <= 18 ? [] : [`${at}: tickSize and lotSize together have more than 18 decimals`]),
  ];
}
