import { z } from 'zod';
import { SILENT_MS } from '../../../shared/domain/release/active-release.ts';

export const SILENT = `interval '${SILENT_MS} milliseconds'`;

/** The row of `risk.active_release` as a decision reads it. */
export const activeReleaseRow = z.object({ epoch: z.int().min(1), release: z.string().min(1), isStale: z.boolean() });
