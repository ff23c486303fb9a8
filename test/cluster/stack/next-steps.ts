import type { ClusterRequest } from '../choose-cluster.ts';

/** Returns the commands to use after a start, with the options that select the same cluster. */
export function nextSteps(
  { context, cluster }: ClusterRequest,
  { namespace, name, halted = false }: { readonly namespace: string; readonly name: string; readonly halted?: boolean },
): string {
  const kubectl = `kubectl${context === undefined ? '' : ` --context ${quoted(context)}`} -n ${namespace}`;
  const steps = [
    [`npm run cluster -- shell${namingOptions({ context, cluster })}`, 'shell with kubectl and helm, then:'],
    [`${kubectl} get tradingstack -o wide --watch`, 'progress of the operator, and what blocks it'],
    [`${kubectl} get pods,networkpolicies`, 'objects of the stack'],
    [`${kubectl} logs -f -l tradingstack.dev/service=execution`, 'every order as it is sent'],
    context === undefined
      ? [
          `npm run stop${cluster === undefined ? '' : ` --${namingOptions({ cluster })}`}`,
          'stop the cluster; its data stays',
        ]
      : [`npm run stop -- --delete${namingOptions({ context })}`, 'delete the stack; your cluster keeps running'],
  ] as const;
  return `Where to look next:
${steps.map(([command, what]) => `  ${command.padEnd(63)}  ${what}`).join('\n')}
${halted ? 'HALTED: no new orders are sent; status.halt.by names who asked for it. To lift spec.halt' : 'To halt trading'}:
  ${kubectl} patch tradingstack ${name} --type merge -p '{"spec":{"halt":${!halted}}}'
${halted ? 'While it is halted, no position is sold. To sell every position once the halt is lifted' : 'A halt sells no position. To sell every position, and then halt'}:
  ${kubectl} patch tradingstack ${name} --type merge -p '{"spec":{"flatten":true}}'
`;
}

/** The options, each after a space, by which another command takes the same cluster. */
export function namingOptions({ context, cluster }: ClusterRequest): string {
  if (context !== undefined) return ` --context ${quoted(context)}`;
  return cluster === undefined ? '' : ` --cluster ${cluster}`;
}

/** As a shell takes it for one word. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
