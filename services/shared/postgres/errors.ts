import { DatabaseError } from 'pg';

/**
 * The connection was lost during COMMIT: the transaction may or may not be committed. Only reading the data resolves
 * it. Repeating the work is safe only if it is idempotent.
 */
export class CommitUnknownError extends Error {
  readonly code = 'CommitUnknown';

  constructor(cause: unknown) {
    super('connection lost during COMMIT; the transaction may or may not be committed', { cause });
    this.name = 'CommitUnknownError';
  }
}

/**
 * Returns the SQLSTATE of an error that the server reported (PostgreSQL documentation, appendix A); undefined for any
 * other error.
 */
export function sqlState(error: unknown): string | undefined {
  return error instanceof DatabaseError ? error.code : undefined;
}

/** Returns whether the same transaction may succeed when retried: serialization failure or deadlock. */
export function isTransient(error: unknown): boolean {
  const state = sqlState(error);
  return state === '40001' || state === '40P01';
}

/**
 * Returns whether a commit that failed with this error may have taken effect: the connection was lost, or the server is
 * shutting down (57P) and may have committed first.
 */
export function isOutcomeUnknown(error: unknown): boolean {
  const state = sqlState(error);
  return state === undefined || state.startsWith('57P');
}

/** Returns whether the session has ended with the error: its connection must not be used again. */
export function isSessionLost(error: unknown): boolean {
  return isOutcomeUnknown(error) || sqlState(error) === '25P03';
}

/**
 * Returns whether a prepared statement can no longer run on its connection: a migration changed the type of its result
 * (0A000), or the connection has lost it (26000). Nothing was executed.
 */
export function isPlanOutdated(error: unknown): boolean {
  const state = sqlState(error);
  return state === '0A000' || state === '26000';
}

/** Returns whether a statement gave up waiting for a lock (`lock_timeout`). Nothing was executed. */
export function isLockTimeout(error: unknown): boolean {
  return sqlState(error) === '55P03';
}

/** Returns whether the role may not run the statement: a right on a table or a schema is missing. */
export function isGrantMissing(error: unknown): boolean {
  return sqlState(error) === '42501';
}

/** Returns whether an insert violated a unique constraint; with `constraint`, only that one. */
export function isUniqueViolation(error: unknown, constraint?: string): boolean {
  if (!(error instanceof DatabaseError) || error.code !== '23505') return false;
  return constraint === undefined || error.constraint === constraint;
}

/**
 * SQLSTATE classes: connection exception (08), insufficient resources (53), operator intervention such as a shutdown or
 * a cancelled statement (57), system error (58).
 */
const UNAVAILABLE_CLASSES = new Set(['08', '53', '57', '58']);
/**
 * Lock timeout (55P03), session ended because it held a transaction open (25P03), read-only server (25006), login
 * rejected (28000, 28P01), database, schema, table or grant missing (3D000, 3F000, 42P01, 42501: the platform is still
 * being set up or changed), serialization failure and deadlock (40001, 40P01).
 */
const UNAVAILABLE_STATES = new Set([
  '55P03',
  '25P03',
  '25006',
  '28000',
  '28P01',
  '3D000',
  '3F000',
  '42P01',
  '42501',
  '40001',
  '40P01',
]);

/**
 * Returns whether the database is unavailable, so that the same statement may succeed later; false for errors that the
 * data causes.
 */
export function isPostgresUnavailable(error: unknown): boolean {
  if (error instanceof CommitUnknownError) return true;
  const state = sqlState(error);
  // Nothing was executed, and nothing in the data causes it: the connection is replaced.
  if (isPlanOutdated(error)) return true;
  if (state !== undefined) return UNAVAILABLE_CLASSES.has(state.slice(0, 2)) || UNAVAILABLE_STATES.has(state);
  return isConnectionError(error);
}

/**
 * Errors that the driver itself throws when a connection fails have no code: these are their messages (pg 8, client.js
 * and pg-pool).
 */
const DRIVER_TEXTS = new Set([
  'Connection terminated',
  'Connection terminated unexpectedly',
  'Connection terminated due to connection timeout',
  'Query read timeout',
  'timeout expired',
  'timeout exceeded when trying to connect',
  'Client has encountered a connection error and is not queryable',
  'Client was closed and is not queryable',
  'Cannot use a pool after calling end on the pool',
]);
/** Errors of the operating system and of name resolution carry a code such as ECONNREFUSED or EAI_AGAIN. */
const SYSTEM_CODE = /^E[A-Z_]+$/;

/** Returns whether the connection itself failed, or its server does not answer: no further statement reaches it. */
export function isConnectionError(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.some(isConnectionError);
  if (!(error instanceof Error)) return false;
  if ('syscall' in error && 'code' in error && SYSTEM_CODE.test(String(error.code))) return true;
  return DRIVER_TEXTS.has(error.message);
}
