/** One step of the checks: an npm script that passes or fails, or one that runs a level of tests. */
export interface Stage {
  readonly name: string;
  readonly script: string;
  /** Whether vitest runs it, so that its tests are counted. */
  readonly tests: boolean;
}

/** The order in which they start, cheapest first. */
export const STAGES: readonly Stage[] = [
  { name: 'format', script: 'format:check', tests: false },
  { name: 'lint', script: 'lint', tests: false },
  { name: 'types', script: 'types', tests: false },
  { name: 'knip', script: 'knip', tests: false },
  { name: 'generated', script: 'generate:check', tests: false },
  { name: 'unit', script: 'test:unit', tests: true },
  { name: 'architecture', script: 'test:architecture', tests: true },
  { name: 'simulation', script: 'test:simulation', tests: true },
  { name: 'redis', script: 'test:redis', tests: true },
  { name: 'pg', script: 'test:pg', tests: true },
  { name: 'charts', script: 'test:charts', tests: false },
  { name: 'integration', script: 'test:integration', tests: true },
  { name: 'e2e', script: 'test:e2e', tests: true },
];

/** What `npm run check` takes: all that needs no server and takes under two minutes. */
const QUICK = new Set(['format', 'lint', 'types', 'knip', 'generated', 'unit', 'architecture']);

/** They take a core and no cluster; the longest comes first, so that the others run beside it. */
const PAIRED = new Set(['simulation', 'redis', 'pg', 'charts']);

export const QUICK_STAGES = STAGES.filter(({ name }) => QUICK.has(name));
export const PAIRED_STAGES = STAGES.filter(({ name }) => PAIRED.has(name));
export const SINGLE_STAGES = STAGES.filter(({ name }) => !QUICK.has(name) && !PAIRED.has(name));
