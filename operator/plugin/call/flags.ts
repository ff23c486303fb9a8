/** A flag of a command. */
export interface Flag {
  readonly name: string;
  readonly short?: string;
  /** Placeholder of the value, such as `TEXT`. A flag without it is a switch. */
  readonly value?: string;
  readonly help: string;
  /** The only values that are allowed, if they can be listed. */
  readonly choices?: readonly string[];
}

/** Flags of every command. Their names are kubectl's. */
export const COMMON_FLAGS: readonly Flag[] = [
  { name: 'namespace', short: 'n', value: 'NAME', help: 'Namespace of the stack. Default: that of the context.' },
  { name: 'context', value: 'NAME', help: 'Context of the kubeconfig. Default: the current one.' },
  { name: 'kubeconfig', value: 'FILE', help: 'Path of the kubeconfig. Default: KUBECONFIG, or ~/.kube/config.' },
  { name: 'help', short: 'h', help: 'Print the help of the command.' },
];

export const OUTPUT: Flag = {
  name: 'output',
  short: 'o',
  value: 'FORMAT',
  help: 'json or yaml: the same facts for a program. Default: text.',
  choices: ['json', 'yaml'],
};
