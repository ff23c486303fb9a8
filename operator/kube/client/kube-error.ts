/**
 * Why a call to the API server failed. The names are those of `metav1.StatusReason`, and some of our own:
 * `Timeout` our deadline or the server's expired, `Unavailable` no usable answer, `Aborted` the caller's signal fired,
 * `NotLeader` this process rejected the write before it was sent, `Protocol` the answer is not Kubernetes JSON.
 */
export type KubeErrorCode =
  | 'NotFound'
  | 'AlreadyExists'
  | 'Conflict'
  | 'Gone'
  | 'Invalid'
  | 'BadRequest'
  | 'Unauthorized'
  | 'Forbidden'
  | 'TooManyRequests'
  | 'Timeout'
  | 'Unavailable'
  | 'Internal'
  | 'Aborted'
  | 'NotLeader'
  | 'Protocol';

export interface KubeErrorDetails {
  readonly status?: number;
  readonly reason?: string;
  readonly retryAfterMs?: number;
  readonly causes?: readonly FieldCause[];
  readonly cause?: unknown;
}

/** One field that the server refuses, `metav1.StatusCause`. */
export interface FieldCause {
  /** Path, such as `spec.strategies[0].name`. */
  readonly field: string;
  readonly message: string;
}

/**
 * A failed call. `code` is for programs, the message for people. A write that failed with `Timeout` may have been
 * applied.
 */
export class KubeError extends Error {
  override readonly name = 'KubeError';
  readonly code: KubeErrorCode;
  readonly status: number | undefined;
  readonly reason: string | undefined;
  /** How long the server asks clients to wait before a retry; at most RETRY_AFTER_MAX_MS. */
  readonly retryAfterMs: number | undefined;
  /** The fields of an object that is not valid; empty for every other failure. */
  readonly causes: readonly FieldCause[];

  constructor(code: KubeErrorCode, message: string, details: KubeErrorDetails = {}) {
    super(message, details.cause === undefined ? {} : { cause: details.cause });
    this.code = code;
    this.status = details.status;
    this.reason = details.reason;
    this.retryAfterMs = details.retryAfterMs;
    this.causes = details.causes ?? [];
  }
}

/** Returns whether `error` is a KubeError, and has one of `codes` if any are given. */
export function isKubeError(error: unknown, ...codes: readonly KubeErrorCode[]): error is KubeError {
  return error instanceof KubeError && (codes.length === 0 || codes.includes(error.code));
}

/**
 * Returns whether the request may succeed later without a change by anybody: the server was busy (429, 503), could not
 * be reached, or did not answer in time. The outcome of a write is then unknown.
 */
export function isTransient(error: unknown): error is KubeError {
  return isKubeError(error, 'Unavailable', 'Timeout', 'TooManyRequests');
}

/** `metav1.Status`, the body of a failed response and the object of a watch's ERROR event. */
export interface StatusBody {
  readonly code?: number;
  readonly reason?: string;
  readonly message?: string;
  readonly details?: { readonly retryAfterSeconds?: number; readonly causes?: readonly Partial<FieldCause>[] };
}

const CODE_BY_STATUS: ReadonlyMap<number, KubeErrorCode> = new Map([
  [400, 'BadRequest'],
  [401, 'Unauthorized'],
  [403, 'Forbidden'],
  [404, 'NotFound'],
  [405, 'BadRequest'],
  [406, 'BadRequest'],
  [409, 'Conflict'],
  [410, 'Gone'],
  [415, 'BadRequest'],
  [422, 'Invalid'],
  [429, 'TooManyRequests'],
  [502, 'Unavailable'],
  [503, 'Unavailable'],
  [504, 'Timeout'],
]);

/**
 * Longest wait that one answer may ask for. A proxy may ask for an hour, in which a cache would see no change and a key
 * no reconcile, although the API server answers again after a minute.
 */
const RETRY_AFTER_MAX_MS = 60_000;

/**
 * Converts a Status to a KubeError. The HTTP status decides the code unless the reason is more precise: AlreadyExists
 * and Conflict are both 409.
 */
export function errorFromStatus(httpStatus: number, body: StatusBody, retryAfterHeader?: string): KubeError {
  const {
    code: status = httpStatus,
    reason,
    message = `the API server answered with HTTP status ${status}`,
    details,
  } = body;
  const seconds = details?.retryAfterSeconds ?? Number(retryAfterHeader);
  return new KubeError(codeOf(status, reason), message, {
    status,
    ...(reason === undefined ? {} : { reason }),
    ...(seconds > 0 ? { retryAfterMs: Math.min(RETRY_AFTER_MAX_MS, seconds * 1_000) } : {}),
    causes: (details?.causes ?? []).map((cause) => ({ field: cause.field ?? '', message: cause.message ?? '' })),
  });
}

function codeOf(status: number, reason: string | undefined): KubeErrorCode {
  switch (reason) {
    case 'AlreadyExists':
      return 'AlreadyExists';
    case 'Expired':
      return 'Gone';
    case 'ServerTimeout':
    case 'Timeout':
      return 'Timeout';
    default:
      return CODE_BY_STATUS.get(status) ?? (status >= 500 ? 'Internal' : 'BadRequest');
  }
}
