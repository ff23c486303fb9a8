import { z } from 'zod';
import { count } from './field.ts';

/**
 * A command of the operator to a service: the body of `POST /control/activate`, with header `Authorization: Bearer
 * <control token>`. Repeating it with the same epoch is harmless.
 */
export const activateRequest = z.strictObject({ epoch: z.int().min(1).max(Number.MAX_SAFE_INTEGER) });
/** Response: 200 when accepted; 409 when another process raised the fence or this process can no longer activate. */
export const activateResponse = z.object({ accepted: z.boolean(), epoch: count, reason: z.string().max(200) });
export type ActivateResponse = z.output<typeof activateResponse>;
