import { DatabaseError } from 'pg';

/**
 * The connection was lost while COMMIT was under way: the transaction may have been committed or not. Only looking at the data
 * tells; doing the work again is right only where it is idempotent.
 */
export class CommitUnknownError extends Error {
  readonly code = 'CommitUnknown';

  constructor(cause: unknown) {
    super('the connection was lost during COMMIT: its outcome is unknown', { cause });
    this.name = 'CommitUnknownError';
  }
}

/** SQLSTATE of an error that the server reported (PostgreSQL documentation, appendix A); undefined for every other error. */
export function sqlState(error: unknown): string | undefined {
  return error instanceof DatabaseError ? error.code : undefined;
}

/** The same transaction may succeed when it is run again: serialization failure, deadlock. */
export function isTransient(error: unknown): boolean {
  const state = sqlState(error);
  return state === '40001' || state === '40P01';
}

/** Whether the insert found a row in its way; with `constraint` only for that one. */
export function isUniqueViolation(error: unknown, constraint?: string): boolean {
  if (!(error instanceof DatabaseError) || error.code !== '23505') return false;
  return constraint === undefined || error.constraint === constraint;
}

/** Connection, resources, operator's intervention (a shutdown, a cancelled statement), a lock not had in time, a read-only server. */
const UNAVAILABLE_CLASSES = new Set(['08', '53', '57', '58']);
/** Login refused, database, schema, table or grant missing: the platform is still being set up, or being changed. */
const UNAVAILABLE_STATES = new Set([
  '55P03',
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

/** Whether the database cannot do it now, so that the same statement may succeed later; false for what the data is to blame for. */
export function isPostgresUnavailable(error: unknown): boolean {
  if (error instanceof CommitUnknownError) return true;
  const state = sqlState(error);
  if (state !== undefined) return UNAVAILABLE_CLASSES.has(state.slice(0, 2)) || UNAVAILABLE_STATES.has(state);
  return isConnectionError(error);
}

/** What the driver itself throws when a connection fails has no code: these are its texts (pg 8, client.js and pg-pool). */
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

function isConnectionError(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.some(isConnectionError);
  if (!(error instanceof Error)) return false;
  if ('syscall' in error && 'code' in error && SYSTEM_CODE.test(String(error.code))) return true;
  return DRIVER_TEXTS.has(error.message);
}
