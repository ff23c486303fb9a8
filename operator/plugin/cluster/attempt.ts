import { isKubeError, type KubeError } from '../../kube/client/kube-error.ts';
import { PluginError } from '../call/plugin-error.ts';
import type { Part } from '../view/part.ts';

/** What a call does, such as `list pods`, and where, such as `namespace trading`. */
export interface Attempt {
  readonly verb: string;
  readonly what: string;
  readonly where: string;
}

/** Awaits a call that the rest can do without: what could not be read is said, and the rest is shown. */
export async function attempt<T>(attempted: Attempt, call: Promise<T>): Promise<Part<T>> {
  try {
    return { known: true, value: await call };
  } catch (error) {
    return { known: false, why: whyFailed(attempted, error), forbidden: isKubeError(error, 'Forbidden') };
  }
}

/** Returns a part without which the command has no answer. Throws PluginError. */
export function knownOr<T>(part: Part<T>): T {
  if (part.known) return part.value;
  throw new PluginError(part.forbidden ? 'Forbidden' : 'Unavailable', part.why);
}

/** Awaits a call without which the command has no answer. Rejects with PluginError. */
export async function required<T>(attempted: Attempt, call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    throw failureOf(attempted, error);
  }
}

function failureOf(attempted: Attempt, error: unknown): PluginError {
  if (error instanceof PluginError) return error;
  const message = whyFailed(attempted, error);
  if (isKubeError(error, 'Forbidden')) return new PluginError('Forbidden', message, { cause: error });
  if (isKubeError(error, 'NotFound')) return new PluginError('NotFound', message, { cause: error });
  return new PluginError('Unavailable', message, { cause: error });
}

function whyFailed({ verb, what, where }: Attempt, error: unknown): string {
  const place = `${what} ${where}`;
  if (!isKubeError(error))
    return `could not ${verb} ${place}: ${error instanceof Error ? error.message : String(error)}`;
  if (error.code === 'Forbidden') return `you may not ${verb} ${place}: ${error.message}`;
  if (error.code === 'Unauthorized')
    return `could not ${verb} ${place}: the API server does not accept your credentials; log in again`;
  return `could not ${verb} ${place}: ${error.message}${causeOf(error)}`;
}

/** The network's own word, such as `connect ECONNREFUSED 10.0.0.1:6443`. */
function causeOf({ cause, code }: KubeError): string {
  return code === 'Unavailable' && cause instanceof Error && cause.message !== '' ? ` (${cause.message})` : '';
}
