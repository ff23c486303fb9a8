/** Paths at which the operator mounts files in every pod. */
export const SETTINGS_FILE = '/etc/tradingstack/settings/settings.json';
export const SECRETS_DIRECTORY = '/etc/tradingstack/secrets';
/** Files in SECRETS_DIRECTORY. */
export const SECRET_FILES = {
  redisPassword: 'platform/redis-password',
  postgresPassword: 'platform/postgres-password',
  venueApiKey: 'venue/apiKey',
  venueSecretKey: 'venue/secretKey',
  controlToken: 'control/token',
} as const;
