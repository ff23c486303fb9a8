/** Kinds of requests of the operator to the API server. Leases are for the election of its leader. */
export type RequestKind = 'leases' | 'status' | 'writes' | 'reads';

/** Requests of the operator's service account by kind. Watches are not among them. */
export type RequestCounts = Readonly<Record<RequestKind, number>>;

interface Rule {
  readonly verbs: readonly string[];
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
}

const WRITES = ['create', 'update', 'patch', 'delete', 'deletecollection'];

/** The first kind that matches a request counts it. */
const RULES: Readonly<Record<RequestKind, Rule>> = {
  leases: { verbs: ['*'], apiGroups: ['coordination.k8s.io'], resources: ['leases'] },
  status: { verbs: WRITES, apiGroups: ['tradingstack.dev'], resources: ['tradingstacks/status'] },
  writes: { verbs: WRITES, apiGroups: ['*'], resources: ['*'] },
  reads: { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
};
const KINDS = Object.keys(RULES) as readonly RequestKind[];
/** Before the schema `service-accounts` of Kubernetes, at 9000. */
const FIRST_PRECEDENCE = 8_001;

/**
 * Returns one FlowSchema per kind. The API server counts requests by FlowSchema, so that these count the operator's
 * own requests, without those of the kubelet, of other controllers and of the test. They have the priority that a
 * service account has without them.
 */
export function flowSchemasOf(serviceAccount: { readonly namespace: string; readonly name: string }): object {
  const subjects = [{ kind: 'ServiceAccount', serviceAccount }];
  const items = KINDS.map((kind, index) => ({
    apiVersion: 'flowcontrol.apiserver.k8s.io/v1',
    kind: 'FlowSchema',
    metadata: { name: nameOf(kind) },
    spec: {
      priorityLevelConfiguration: { name: 'workload-low' },
      matchingPrecedence: FIRST_PRECEDENCE + index,
      distinguisherMethod: { type: 'ByUser' },
      rules: [{ subjects, resourceRules: [{ ...RULES[kind], namespaces: ['*'], clusterScope: true }] }],
    },
  }));
  return { apiVersion: 'v1', kind: 'List', items };
}

/** Returns the arguments of `kubectl delete` for the schemas of `flowSchemasOf`. */
export function flowSchemaNames(): readonly string[] {
  return KINDS.map((kind) => `flowschema/${nameOf(kind)}`);
}

/** Reads the counts from the API server's `/metrics`. */
export function parseOperatorRequests(metrics: string): RequestCounts {
  const countOf = (kind: RequestKind): number => {
    const labels = String.raw`flow_schema="${nameOf(kind)}",priority_level="[^"]*",type="regular"`;
    const row = new RegExp(
      String.raw`^apiserver_flowcontrol_request_execution_seconds_count\{${labels}\} (\S+)$`,
      'm',
    ).exec(metrics);
    return Number(row?.[1] ?? 0);
  };
  return byKind(countOf);
}

export function requestsBetween(before: RequestCounts, after: RequestCounts): RequestCounts {
  return byKind((kind) => after[kind] - before[kind]);
}

function byKind(countOf: (kind: RequestKind) => number): RequestCounts {
  return { leases: countOf('leases'), status: countOf('status'), writes: countOf('writes'), reads: countOf('reads') };
}

function nameOf(kind: RequestKind): string {
  return `e2e-operator-${kind}`;
}
