import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A request as the API server authorized it. */
export interface ApiRequest {
  readonly verb: string;
  /** API group; empty for the core group. */
  readonly group: string;
  /** Plural, with the subresource: `tradingstacks/status`. */
  readonly resource: string;
  readonly name: string | undefined;
  /** Whether it created the object. A server-side apply is a patch that may create. */
  readonly created: boolean;
}

const POLICY = 'audit.json';
const LOG = 'audit.log';

/** Size in MB at which the log would be replaced by a new one, with the requests that nobody has read yet. */
const LOG_MB_MAX = 10_000;

/** Returns the arguments of an API server that records its requests in the folder. */
export function auditArguments(folder: string): readonly string[] {
  const size = `--audit-log-maxsize=${LOG_MB_MAX}`;
  return [`--audit-policy-file=${join(folder, POLICY)}`, `--audit-log-path=${auditLogOf(folder)}`, size];
}

export function auditLogOf(folder: string): string {
  return join(folder, LOG);
}

/** Writes the policy that `auditArguments` names. A watch is recorded when it starts: it may never be complete. */
export async function writeAuditPolicy(folder: string): Promise<void> {
  const kind = { apiVersion: 'audit.k8s.io/v1', kind: 'Policy' };
  const policy = { ...kind, omitStages: ['RequestReceived'], rules: [{ level: 'Metadata' }] };
  await writeFile(join(folder, POLICY), JSON.stringify(policy));
}

interface AuditEvent {
  readonly verb: string;
  readonly user: { readonly username: string };
  readonly impersonatedUser?: { readonly username: string };
  readonly objectRef?: {
    readonly apiGroup?: string;
    readonly resource: string;
    readonly subresource?: string;
    readonly name?: string;
  };
  readonly responseStatus?: { readonly code?: number };
}

/** Returns the requests of a user, also of one that is impersonated, that the server did not forbid. */
export async function readAuditLog(folder: string, user: string): Promise<readonly ApiRequest[]> {
  const text = await readFile(auditLogOf(folder), 'utf8');
  // The last line may still be in writing.
  const lines = text.slice(0, text.lastIndexOf('\n') + 1).split('\n');
  return lines.filter((line) => line !== '').flatMap((line) => requestOf(JSON.parse(line) as AuditEvent, user));
}

function requestOf(event: AuditEvent, user: string): readonly ApiRequest[] {
  const { verb, user: account, impersonatedUser = account, objectRef, responseStatus } = event;
  const code = responseStatus?.code ?? 0;
  if (impersonatedUser.username !== user || objectRef === undefined || code === 403) return [];
  const { apiGroup = '', resource, subresource, name } = objectRef;
  const whole = subresource === undefined ? resource : `${resource}/${subresource}`;
  return [{ verb, group: apiGroup, resource: whole, name, created: code === 201 }];
}
