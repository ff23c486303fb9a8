import { NO_ACTION, type ReasonTable } from './reason.ts';

/** Why a process ended, from its termination log. Shown as the reason of a gate while its pod restarts. */
export const EXIT_REASONS = {
  Stopped: { meaning: 'The process received a signal and stopped.', remedy: NO_ACTION },
  Done: { meaning: 'The job finished.', remedy: NO_ACTION },
  Killed: { meaning: 'A second signal ended the process before it had stopped.', remedy: NO_ACTION },
  PartEnded: { meaning: 'A part of the process ended unexpectedly.', remedy: 'Read the log. It restarts.' },
  PartFailed: { meaning: 'A part of the process failed.', remedy: 'The message is the error. It restarts.' },
  UnexpectedError: {
    meaning: 'An unexpected error ended the process.',
    remedy: 'Report a bug with the log. It restarts.',
  },
  EnvironmentInvalid: {
    meaning: 'An environment variable is invalid.',
    remedy: 'Check the values of the chart operator, and webhooks that change pods.',
  },
  SettingsInvalid: {
    meaning: 'The settings document does not fit this release of the service.',
    remedy: 'Give the operator and spec.release.image the same release, or correct the field that the message names.',
  },
  SettingsMissing: {
    meaning: 'The settings document cannot be read.',
    remedy: 'Check webhooks that change pods. Otherwise report a bug.',
  },
  SecretMissing: {
    meaning: 'A secret file cannot be read.',
    remedy: 'Set the key of the Secret that the message names.',
  },
  SecretEmpty: { meaning: 'A secret file is empty.', remedy: 'Give the key that the message names a value.' },
  PostgresUnavailable: {
    meaning: 'The migrations gave up waiting for Postgres.',
    remedy: 'Check host and port in spec.postgres, and the Postgres pod. The Job is repeated.',
  },
  MigrationRefused: {
    meaning: 'The database does not have the schema that this release expects.',
    remedy:
      'The message names the migration. Never edit a released migration; restore a backup if tables were changed.',
  },
  JournalUnwritable: {
    meaning: 'The exchange simulator ended because it cannot write its journal.',
    remedy: 'Check the volume: full, or read-only.',
  },
  Fenced: {
    meaning: 'The process lost the fence to a newer epoch.',
    remedy: 'None: it restarts armed, and the fence decides who sends.',
  },
} as const satisfies ReasonTable;
