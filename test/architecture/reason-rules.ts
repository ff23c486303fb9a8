import type { Violation } from './violation.ts';

/** Places in which code names a reason that a person can meet. */
const EMITTED: readonly RegExp[] = [
  /\b(?:failed|notReady)\(\s*'([A-Z]\w+)'/g,
  /\bageCheck\(\{[^}]*?\breason: '([A-Z]\w+)'/g,
  /\bok: (?:false|true), reason: '([A-Z]\w+)'/g,
  /\bnew (?:ConfigError|ExitError)\((?:[\w.]+, )?'([A-Z]\w+)'/g,
  /\bexitCode: \d+, reason: '([A-Z]\w+)'/g,
  /\bkind: '(?:notSent|NotSent|Concluded)', reason: '([A-Z]\w+)'/g,
];
/** In the operator every reason of a problem is a person's to read. */
const IN_OPERATOR = /\breason: '([A-Z]\w+)'/g;

/** A call whose reason is an expression, so that no pattern above sees it. A declaration has a colon after the name. */
const COMPUTED = /(?<!\bget )\b(?:failed|notReady)\(\s*(?!['"`)\s]|\w+:)/;
/** `ageCheck` passes on the reason of its caller, which is seen there. */
const PASSES_REASONS_ON: ReadonlySet<string> = new Set(['services/shared/runtime/health.ts']);

interface Source {
  readonly path: string;
  readonly text: string;
}

/** Reasons that code emits and no table explains, and reasons that a table explains and no code names. */
export function reasonViolations(sources: readonly Source[], known: ReadonlySet<string>): readonly Violation[] {
  const unexplained = sources.flatMap(({ path, text }) => {
    const patterns = path.startsWith('operator/') ? [...EMITTED, IN_OPERATOR] : EMITTED;
    const emitted = patterns.flatMap((pattern) => [...text.matchAll(pattern)].map(([, reason = '']) => reason));
    return [...new Set(emitted)]
      .filter((reason) => !known.has(reason))
      .map((reason) => ({ path, rule: 'reason', message: `${reason} is missing in contracts/reasons` }));
  });
  const computed = sources
    .filter(({ path, text }) => COMPUTED.test(text) && !PASSES_REASONS_ON.has(path))
    .map(({ path }) => ({ path, rule: 'reason', message: 'a check must name its reason as a literal' }));
  const named = new Set(sources.flatMap(({ text }) => [...text.matchAll(/'([A-Z]\w+)'/g)].map(([, name]) => name)));
  const stale = [...known]
    .filter((reason) => !named.has(reason))
    .map((reason) => ({
      path: 'services/shared/contracts/reasons',
      rule: 'reason',
      message: `no code emits ${reason}`,
    }));
  return [...unexplained, ...computed, ...stale];
}
