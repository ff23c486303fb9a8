import type { Violation } from './violation.ts';

/** A place in which code names a reason that a person can meet, and the titles of the tables that explain it. */
interface Place {
  readonly pattern: RegExp;
  readonly tables: readonly string[];
}

const PLACES: readonly Place[] = [
  { pattern: /\b(?:failed|degraded|notReady)\(\s*'([A-Z]\w+)'/g, tables: ['Checks'] },
  { pattern: /\bageCheck\(\{[^}]*?\breason: '([A-Z]\w+)'/g, tables: ['Checks'] },
  { pattern: /\bnew (?:ConfigError|ExitError)\((?:[\w.]+, )?'([A-Z]\w+)'/g, tables: ['Process exits'] },
  { pattern: /\bexitCode: \d+, reason: '([A-Z]\w+)'/g, tables: ['Process exits'] },
  { pattern: /\breason: '([A-Z]\w+)', message(?:: [^{}]*|: `.*`|), stops: /g, tables: ['Checks', 'Orders'] },
  { pattern: /\bkind: '(?:notSent|NotSent|Concluded)', reason: '([A-Z]\w+)'/g, tables: ['Orders'] },
];
const IN_SERVICES: readonly Place[] = [{ pattern: /\bok: (?:false|true), reason: '([A-Z]\w+)'/g, tables: ['Checks'] }];
/** How a script of a chart ends its process: `end REASON "message"`. */
const IN_SCRIPT: Place = { pattern: /\bend ([A-Z]\w+) "/g, tables: ['Process exits'] };
/** In the operator every reason of a problem is a person's to read. */
const IN_OPERATOR: readonly Place[] = [
  { pattern: /\breason: '([A-Z]\w+)'/g, tables: ['Conditions', 'Events', 'Gates', 'Checks'] },
];

/** A call whose reason is an expression, so that no pattern above sees it. A declaration has a colon after the name. */
const COMPUTED = /(?<!\bget )\b(?:failed|degraded|notReady)\(\s*(?!['"`)\s]|\w+:)/;
/** They pass on the reason of a caller, of an obstacle or of a lost fence, which is seen where it is named. */
const PASSES_REASONS_ON: ReadonlySet<string> = new Set([
  'services/shared/runtime/health.ts',
  'services/execution/orders/sending-status.ts',
  'services/execution/fence/sender-fence.ts',
]);

interface Table {
  readonly title: string;
  readonly reasons: Readonly<Record<string, unknown>>;
}

interface Source {
  readonly path: string;
  readonly text: string;
}

/** Reasons that code emits and their table does not explain, and reasons that a table explains and no code names. */
export function reasonViolations(sources: readonly Source[], tables: readonly Table[]): readonly Violation[] {
  const computed = sources
    .filter(({ path, text }) => COMPUTED.test(text) && !PASSES_REASONS_ON.has(path))
    .map(({ path }) => broken(path, 'a check must name its reason as a literal'));
  const names = [/'([A-Z]\w+)'/g, IN_SCRIPT.pattern];
  const named = new Set(
    sources.flatMap(({ text }) => names.flatMap((pattern) => [...text.matchAll(pattern)].map(([, name]) => name))),
  );
  const explained = new Set(tables.flatMap(({ reasons }) => Object.keys(reasons)));
  const stale = [...explained]
    .filter((reason) => !named.has(reason))
    .map((reason) => broken('services/shared/contracts/reasons', `no code emits ${reason}`));
  return [...sources.flatMap((source) => unexplained(source, tables)), ...computed, ...stale];
}

function unexplained({ path, text }: Source, tables: readonly Table[]): readonly Violation[] {
  return placesIn(path).flatMap((place) => {
    const known = new Set(
      tables.filter(({ title }) => place.tables.includes(title)).flatMap(({ reasons }) => Object.keys(reasons)),
    );
    const emitted = new Set([...text.matchAll(place.pattern)].map(([, reason = '']) => reason));
    return [...emitted]
      .filter((reason) => !known.has(reason))
      .map((reason) => broken(path, `contracts/reasons does not explain ${reason} in ${place.tables.join(', ')}`));
  });
}

function placesIn(path: string): readonly Place[] {
  if (path.endsWith('.sh')) return [IN_SCRIPT];
  return [...PLACES, ...(path.startsWith('operator/') ? IN_OPERATOR : IN_SERVICES)];
}

function broken(path: string, message: string): Violation {
  return { path, rule: 'reason', message };
}
