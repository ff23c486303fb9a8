/** What the plugin takes from its environment; client-node reads KUBECONFIG and HOME itself. */
export interface Config {
  /** Whether colours are allowed: not with NO_COLOR (no-color.org), nor on a terminal without them. */
  readonly colours: boolean;
}

/** Reads the environment. An empty NO_COLOR counts as unset, as no-color.org says. */
export function readConfig(env: Readonly<Record<string, string | undefined>> = process.env): Config {
  return { colours: (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb' };
}
