import { z } from 'zod';
import type { UnreadRow } from '../../../domain/orders/unread-row.ts';
import { sha256 } from '../../../runtime/sha256.ts';
import { VenueReplyError } from '../../venue-reply-error.ts';

/** A row of a list, and what it says or why it cannot be read. */
interface Row<T> {
  readonly row: unknown;
  readonly data: T | undefined;
  readonly problem: string;
}

const ROW_MAX = 2_000;

/** Reads each row of a list by itself. Throws VenueReplyError when the reply is no list. */
export function rowsOf<T>(body: unknown, schema: z.ZodType<T>): readonly Row<T>[] {
  if (!Array.isArray(body)) throw new VenueReplyError('BadReply', `a list was expected, not ${rowText(body, 200)}`);
  return body.map((row: unknown) => {
    const { success, data, error } = schema.safeParse(row);
    return { row, data, problem: success ? '' : z.prettifyError(error) };
  });
}

/** Returns the fields of a row that can be read, each by itself. */
export function partsOf<S extends z.ZodObject>(schema: S, row: unknown): Partial<z.output<S>> {
  if (typeof row !== 'object' || row === null) return {};
  const fields = new Map(Object.entries(row));
  const parts = Object.entries(schema.shape).flatMap(([name, field]) => {
    const { success, data } = z.safeParse(field, fields.get(name));
    return success ? [[name, data]] : [];
  });
  return Object.fromEntries(parts) as Partial<z.output<S>>;
}

/** Returns a row that cannot be read. `parts`: what can be read of it, undefined where that is nothing. */
export function unreadRow<T>(
  row: unknown,
  problem: string,
  parts: { readonly [K in keyof T]?: T[K] | undefined },
): UnreadRow<T> {
  const known = Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== undefined)) as Partial<T>;
  const digest = Buffer.from(sha256(JSON.stringify(row))).toString('hex');
  return { row: rowText(row, ROW_MAX), problem, digest: digest.slice(0, 32), known };
}

/** The row as the venue sent it, for a person. */
export function rowText(row: unknown, maxLength: number): string {
  return (JSON.stringify(row) ?? 'nothing').slice(0, maxLength).toWellFormed();
}
