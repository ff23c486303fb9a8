import type { ClusterRequest } from '../choose-cluster.ts';

/** Where to look after a start, as commands that lead to the same cluster as the start's own options did. */
export function nextSteps(
  { context, cluster }: ClusterRequest,
  { namespace, name, halted = false }: { readonly namespace: string; readonly name: string; readonly halted?: boolean },
): string {
  const kubectl = `kubectl${context === undefined ? '' : ` --context ${quoted(context)}`} -n ${namespace}`;
  const steps = [
    [`npm run cluster -- shell${namingOptions({ context, cluster })}`, 'kubectl and helm for it, then:'],
    [`${kubectl} get tradingstack -o wide --watch`, 'what the operator does, what blocks'],
    [`${kubectl} get pods,networkpolicies`, 'what the stack consists of'],
    [`${kubectl} logs deployment/${name}-execution-blue -f`, 'every order that is sent'],
    context === undefined
      ? [
          `npm run stop${cluster === undefined ? '' : ` --${namingOptions({ cluster })}`}`,
          'stops the cluster; what it holds stays',
        ]
      : [`npm run stop -- --delete${namingOptions({ context })}`, 'deletes the stack; your cluster is not stopped'],
  ] as const;
  return `Where to look next:
${steps.map(([command, what]) => `  ${command.padEnd(60)}  ${what}`).join('\n')}
${halted ? 'HALTED: no new orders are sent, because spec.halt is true. To let it trade again' : 'To halt trading'}:
  ${kubectl} patch tradingstack ${name} --type merge -p '{"spec":{"halt":${!halted}}}'
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
