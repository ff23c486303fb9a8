/** The digest that a registry holds under `reference` (`host:port/name:tag` or `...@sha256:...`), or undefined. */
export async function digestAt(reference: string): Promise<string | undefined> {
  const { host, name, version } = splitReference(reference);
  try {
    const response = await fetch(`http://${host}/v2/${name}/manifests/${version}`, {
      method: 'HEAD',
      headers: { accept: manifestTypes },
      signal: AbortSignal.timeout(5000),
    });
    return response.ok ? (response.headers.get('docker-content-digest') ?? undefined) : undefined;
  } catch {
    return undefined;
  }
}

/** The three parts of an image reference that names its registry. */
export function splitReference(reference: string): { host: string; name: string; version: string } {
  const [, host, name, tag, digest] = /^([^/]+)\/([^@]+?)(?::([^/@]+))?(?:@(sha256:[0-9a-f]+))?$/.exec(reference) ?? [];
  if (host === undefined || name === undefined) throw new RangeError(`${reference} names no registry`);
  return { host, name, version: digest ?? tag ?? 'latest' };
}

const manifestTypes = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join();
