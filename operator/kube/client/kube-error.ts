/**
 * Why a call to the API server failed, named as `metav1.StatusReason` names it, plus what never reached a server:
 * `Timeout` our deadline or the server's, `Unavailable` no usable answer, `Aborted` the caller's own signal,
 * `NotLeader` refused here before the socket, `Protocol` an answer that is no Kubernetes JSON.
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
  readonly cause?: unknown;
}

/** A failed call. `code` is for programs, the message for people; a write that ended in `Timeout` may have happened. */
export class KubeError extends Error {
  override readonly name = 'KubeError';
  readonly code: KubeErrorCode;
  readonly status: number | undefined;
  readonly reason: string | undefined;
  /** How long the server asks to be left alone. */
  readonly retryAfterMs: number | undefined;

  constructor(code: KubeErrorCode, message: string, details: KubeErrorDetails = {}) {
    super(message, details.cause === undefined ? {} : { cause: details.cause });
    this.code = code;
    this.status = details.status;
    this.reason = details.reason;
    this.retryAfterMs = details.retryAfterMs;
  }
}

/** Whether `error` is a KubeError, of one of the codes when some are given. */
export function isKubeError(error: unknown, ...codes: readonly KubeErrorCode[]): error is KubeError {
  return error instanceof KubeError && (codes.length === 0 || codes.includes(error.code));
}

/** What a failed answer and an ERROR event of a watch both carry (`metav1.Status`). */
export interface StatusBody {
  readonly code?: number;
  readonly reason?: string;
  readonly message?: string;
  readonly details?: { readonly retryAfterSeconds?: number };
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

/** Reads a Status; the HTTP status decides unless the reason is finer (both AlreadyExists and Conflict are 409). */
export function errorFromStatus(httpStatus: number, body: StatusBody, retryAfterHeader?: string): KubeError {
  const { code: status = httpStatus, reason, message = `the API server answered ${status}`, details } = body;
  const seconds = details?.retryAfterSeconds ?? Number(retryAfterHeader);
  return new KubeError(codeOf(status, reason), message, {
    status,
    ...(reason === undefined ? {} : { reason }),
    ...(seconds > 0 ? { retryAfterMs: seconds * 1_000 } : {}),
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
