import { z } from 'zod';

/** Longer than the time between two renewals, and than a short outage of Postgres or a pause of the process. */
export const SILENT = `interval '5 seconds'`;

/** The row of `risk.active_release` as it is selected. */
export const activeReleaseRow = z.object({ epoch: z.int().min(1), release: z.string().min(1), isStale: z.boolean() });
