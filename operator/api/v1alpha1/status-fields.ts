import { z } from 'zod';

/** Fields of a status. They have no defaults and no patterns: the operator alone writes them. */
export const text = (description: string, max: number): z.ZodString => z.string().max(max).meta({ description });
/** A time in RFC 3339. */
export const time = (description: string): z.ZodString => z.string().max(30).meta({ description, format: 'date-time' });
export const whole = (description: string): z.ZodInt =>
  z.int().min(0).max(Number.MAX_SAFE_INTEGER).meta({ description });
export const flag = (description: string): z.ZodBoolean => z.boolean().meta({ description });
