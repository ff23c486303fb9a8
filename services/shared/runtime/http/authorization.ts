import { createHash, timingSafeEqual } from 'node:crypto';
import { HttpError, type HttpRequest } from './http-server.ts';

/**
 * Throws HttpError 401 unless the request carries the token as `Authorization: Bearer <token>`. The token is read for
 * each request, because its Secret may change while the process runs.
 */
export function requireToken({ headers }: Pick<HttpRequest, 'headers'>, token: () => string): void {
  // Digests have equal lengths, so the duration of the comparison reveals nothing.
  const isEqual = timingSafeEqual(digestOf(headers.authorization ?? ''), digestOf(`Bearer ${token()}`));
  if (!isEqual) throw new HttpError(401, 'the control token is missing or wrong');
}

function digestOf(text: string): Uint8Array {
  return createHash('sha256').update(text).digest();
}
