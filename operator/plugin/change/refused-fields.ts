import type { FieldCause, KubeError } from '../../kube/client/kube-error.ts';
import { PluginError } from '../call/plugin-error.ts';
import { clean } from '../text/layout.ts';

/** Says which fields the API server refuses, with the value of each and what it must be. */
export function refusalOf(error: KubeError, name: string, file: unknown): PluginError {
  const causes = error.causes.filter(({ field }) => field !== '' && field !== '<nil>');
  const unknown = [...error.message.matchAll(/unknown field "([^"]+)"/g)].map(([, field = '']) => ({
    field,
    message: 'is not a field of this version; see kubectl explain tradingstack',
  }));
  const fields = [...causes, ...unknown];
  const head = `the API server refuses ${name}, and so would kubectl apply`;
  const lines = fields.length === 0 ? [error.message] : fields.flatMap((cause) => fieldLines(cause, file));
  return new PluginError('Usage', [`${head}:`, ...lines.map((line) => `  ${clean(line)}`)].join('\n'), {
    cause: error,
  });
}

/** What the API server writes before its reason, such as `Invalid value: "x": `. */
const PREFIX =
  /^(?:[A-Z][a-z]+ value|Too \w+|Forbidden|Not found)(?:: (?:"(?:[^"\\]|\\.)*"|\{.*?\}|\[.*?\]|[^:]+?))?: /s;

function fieldLines({ field, message }: FieldCause, file: unknown): readonly string[] {
  const value = valueAt(file, field);
  return [
    `field   ${field}`,
    `value   ${value === undefined ? 'not set' : JSON.stringify(value).slice(0, 200)}`,
    `remedy  ${message.replace(PREFIX, '').slice(0, 600)}`,
  ];
}

/** Returns the value at a path, such as `spec.strategies[0].name`. */
function valueAt(root: unknown, path: string): unknown {
  const keys = path.match(/[^.[\]]+/g) ?? [];
  return keys.reduce<unknown>(
    (node, key) =>
      typeof node === 'object' && node !== null ? (node as Readonly<Record<string, unknown>>)[key] : undefined,
    root,
  );
}
