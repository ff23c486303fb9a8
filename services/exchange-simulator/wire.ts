import { catalogueRow } from '../shared/contracts/catalogue.ts';
import { ConfigError, ExitError, messageOf } from '../shared/runtime/errors.ts';
import type { ServiceModules, ServicePlan } from '../shared/runtime/run-service.ts';
import type { Config } from './config.ts';
import { openingEntryOf, openMarket, readTape } from './open-market.ts';
import { createSimulatorMetrics } from './metrics.ts';
import { createSimulator } from './service.ts';
import { JournalError, openJournal } from './store/journal.ts';
import { readTapeFile } from './store/tape-file.ts';

/** Builds clients and parts from the configuration; decides nothing. */
export function wireExchangeSimulator(config: Config, { log, clock, health, metrics }: ServiceModules): ServicePlan {
  const { settings, environment, dataDirectory } = config;
  const nowMs = clock.nowMs();
  const tape = orConfigError('tape.path', () => readTape(settings, readTapeFile(settings.tape.path)));
  const { journal, state: opened } = orJournalCorrupt(dataDirectory, () =>
    openJournal({
      directory: dataDirectory,
      opened: openingEntryOf(settings, nowMs),
      open: (openingEntry) => openMarket({ settings, tape, openingEntry, nowMs }),
    }),
  );
  log.info({ entries: journal.lastSeq }, 'journal replayed');
  if (journal.cutBytes > 0) log.warn({ cutBytes: journal.cutBytes }, 'torn last line of the journal truncated');
  return createSimulator({
    port: environment.port ?? catalogueRow('exchange-simulator').port,
    market: opened.market,
    follower: opened.follower,
    instruments: settings.instruments,
    journal,
    apiKey: config.apiKey,
    secretKey: config.secretKey,
    faults: settings.faults,
    clock,
    health,
    log,
    metrics: createSimulatorMetrics(metrics),
  });
}

function orConfigError<T>(field: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new ConfigError('SettingsInvalid', [`${field}: ${messageOf(error)}`], { cause: error });
  }
}

function orJournalCorrupt<T>(directory: string, open: () => T): T {
  try {
    return open();
  } catch (error) {
    if (!(error instanceof JournalError)) throw error;
    const remedy = `restore ${directory}, or delete journal.jsonl in it to begin again with the balances of the settings`;
    throw new ExitError(1, 'JournalCorrupt', `the journal is damaged: ${error.message}; ${remedy}`, { cause: error });
  }
}
