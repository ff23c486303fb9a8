/**
 * Values that the API server gives to fields of built-in kinds where a writer sets none (`SetDefaults_` in
 * `pkg/apis/<group>/v1/defaults.go`). Removing one has no effect, so it is no change, whoever owns it.
 */
const DEFAULTS: Readonly<Record<string, unknown>> = {
  completionMode: 'NonIndexed',
  dnsPolicy: 'ClusterFirst',
  internalTrafficPolicy: 'Cluster',
  manualSelector: false,
  podReplacementPolicy: 'TerminatingOrFailed',
  progressDeadlineSeconds: 600,
  protocol: 'TCP',
  schedulerName: 'default-scheduler',
  sessionAffinity: 'None',
  successThreshold: 1,
  suspend: false,
  terminationMessagePath: '/dev/termination-log',
};

/** Older names of fields, which the API server keeps equal to the newer one: this of `serviceAccountName`. */
const ALIASES = new Set(['serviceAccount']);

/** Maps whose keys are not fields but names that people choose. */
const OWN_NAMES = new Set(['labels', 'annotations', 'matchLabels', 'selector', 'nodeSelector']);

/** Returns whether the API server sets the field at the end of a path to this value by itself. */
export function isServerDefault(path: readonly string[], value: unknown): boolean {
  const [parent = '', field = ''] = path.slice(-2);
  if (OWN_NAMES.has(parent)) return false;
  return ALIASES.has(field) || (value !== undefined && DEFAULTS[field] === value);
}
