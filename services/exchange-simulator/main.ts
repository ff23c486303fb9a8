import { catalogueRow } from '../shared/contracts/catalogue.ts';
import { ConfigError, messageOf } from '../shared/runtime/errors.ts';
import { runService } from '../shared/runtime/run-service.ts';
import { readConfig } from './config.ts';
import type { AccountEvent } from './core/events.ts';
import { foundingOf, restoreVenue, type Founding } from './found-venue.ts';
import { createSimulatorMetrics } from './metrics.ts';
import { createSimulator } from './service.ts';
import { eventOf } from './store/journal-entry.ts';
import { Journal } from './store/journal.ts';
import { readTapeFile } from './store/tape-file.ts';

await runService({
  name: 'exchange-simulator',
  readConfig,
  build: (config, { log, clock, health, metrics }) => {
    const { settings, environment, dataDirectory } = config;
    const now = clock.nowMs();
    const tapeText = orConfigError('tape.path', () => readTapeFile(settings.tape.path));
    let founding: Founding = foundingOf(settings, now);
    const events: AccountEvent[] = [];
    const journal = new Journal({
      directory: dataDirectory,
      opened: founding,
      onEntry: (entry) => {
        if (entry.kind === 'opened') founding = entry;
        else events.push(eventOf(entry));
      },
    });
    log.info({ entries: journal.lastSeq, cutBytes: journal.cutBytes, founded: founding.time }, 'journal replayed');
    if (journal.cutBytes > 0)
      log.warn({ cutBytes: journal.cutBytes }, 'the journal ended in a torn line, which was cut');
    const venue = orConfigError('tape', () => restoreVenue({ settings, tapeText, founding, events, now }));
    return createSimulator({
      port: environment.port ?? catalogueRow('exchange-simulator').port,
      ...venue,
      instruments: settings.instruments,
      journal,
      apiKey: config.apiKey,
      secretKey: config.secretKey,
      clock,
      health,
      log,
      metrics: createSimulatorMetrics(metrics),
    });
  },
});

function orConfigError<T>(field: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new ConfigError('SettingsInvalid', [`${field}: ${messageOf(error)}`], { cause: error });
  }
}
