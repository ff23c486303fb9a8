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
  JournalCorrupt: {
    meaning: 'The journal of the exchange simulator is damaged: its file was changed, or its disk is faulty.',
    remedy:
      'Restore the volume, or delete journal.jsonl: the simulator then begins again with the balances of the settings.',
  },
  PostgresUnreachable: {
    meaning: 'Postgres did not answer the roles Job of charts/platform within its time.',
    remedy: 'Check the Postgres pod, postgres.host, and that the Job can resolve the name: see "DNS lookups fail".',
  },
  RolesFailed: {
    meaning: 'Postgres refused a statement of the roles Job of charts/platform.',
    remedy: 'Read the log of the Job. It can be run again at any time.',
  },
  Fenced: {
    meaning: 'The process lost the fence to a newer epoch.',
    remedy: 'None: it restarts armed, and the fence decides who sends.',
  },
  FenceWentBack: {
    meaning: 'The fence in Postgres is below the epoch that this process was granted: the database was restored.',
    remedy: 'Check which state Postgres was restored to. The operator activates above the epoch in the resource.',
  },
  RecordWentBack: {
    meaning: 'Postgres failed over or was restored, and may have lost its last commits.',
    remedy: 'Check Postgres. The next sender adopts what the venue has, and ends older approvals without sending them.',
  },
  RecordStale: {
    meaning:
      'Another process was granted a newer epoch, which Postgres does not show: it is an old primary, or was restored.',
    remedy: 'Make sure that the old primary accepts no connections. The process restarts armed.',
  },
} as const satisfies ReasonTable;
