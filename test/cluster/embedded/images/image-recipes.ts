import { createHash } from 'node:crypto';
import { embeddedComponents, buildKey } from '../components.ts';

/** How one image of the embedded cluster is made: no registry but its own can be reached, so none is pulled. */
export interface ImageRecipe {
  readonly name: string;
  readonly content:
    /** One static program out of the toolchain. */
    | { readonly kind: 'program'; readonly binary: string; readonly build: string }
    /** The process that holds a pod's namespaces, compiled from this C source. */
    | { readonly kind: 'source'; readonly binary: string; readonly code: string }
    /** Packages of Debian, unpacked; `extractHooks` are shell commands run with the root folder as `$1`. */
    | { readonly kind: 'debian'; readonly packages: readonly string[]; readonly extractHooks: readonly string[] };
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
  readonly user?: string;
  readonly path?: string;
}

const pauseCode = `#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>
static void end(int signal) { (void)signal; _exit(0); }
static void reap(int signal) { (void)signal; while (waitpid(-1, 0, WNOHANG) > 0) {} }
int main(void) { signal(SIGTERM, end); signal(SIGINT, end); signal(SIGCHLD, reap); for (;;) pause(); }
`;

export const pause: ImageRecipe = {
  name: 'pause',
  content: { kind: 'source', binary: 'pause', code: pauseCode },
  entrypoint: ['/pause'],
};

export const coredns = programImage('coredns');
export const localPathProvisioner = programImage('local-path-provisioner');

/** What local-path-provisioner makes and removes the folders of volumes with. */
export const shell: ImageRecipe = {
  name: 'shell',
  content: {
    kind: 'debian',
    packages: ['busybox-static'],
    extractHooks: ['for name in sh mkdir rm; do ln -sf busybox "$1/bin/$name"; done'],
  },
};

/** `name` for uid 1000, the user that every pod of a stack runs as. */
const accounts = (name: string, home: string) => [
  `printf 'root:x:0:0:root:/root:/bin/sh\\n${name}:x:1000:1000::${home}:/bin/sh\\n' > "$1/etc/passwd"`,
  `printf 'root:x:0:\\n${name}:x:1000:\\n' > "$1/etc/group"`,
  'rm -rf "$1/usr/share/doc" "$1/usr/share/man" "$1/usr/share/locale" "$1/usr/share/info"',
];
const shellTools = ['dash', 'coreutils', 'sed', 'grep'];
const shellLink = 'ln -sf dash "$1/bin/sh"';

export const redis: ImageRecipe = {
  name: 'redis',
  content: {
    kind: 'debian',
    packages: ['redis-server', 'redis-tools', ...shellTools],
    extractHooks: [shellLink, ...accounts('redis', '/data')],
  },
  command: ['redis-server'],
  user: '1000:1000',
};

export const postgres: ImageRecipe = {
  name: 'postgres',
  content: {
    kind: 'debian',
    packages: ['postgresql-15', 'postgresql-client-15', ...shellTools],
    extractHooks: [
      shellLink,
      ...accounts('postgres', '/var/lib/postgresql'),
      // The just-in-time compiler is most of the size; without its library Postgres runs the same plans uncompiled.
      'rm -f "$1"/usr/lib/*/libLLVM* "$1"/usr/lib/postgresql/15/lib/llvmjit.so',
      'rm -rf "$1"/usr/lib/postgresql/15/lib/bitcode',
    ],
  },
  command: ['postgres'],
  user: '1000:1000',
  path: '/usr/lib/postgresql/15/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
};

/** The `BASE_IMAGE` of the project's own image: the C library and the given Node program, no shell. */
export function nodeBase(nodeProgram: string, nodeVersion: string): ImageRecipe {
  return {
    name: 'node-base',
    content: {
      kind: 'debian',
      packages: ['libc6', 'libstdc++6', 'libgcc-s1', 'libatomic1', 'ca-certificates', 'tzdata'],
      extractHooks: [
        ...accounts('node', '/app'),
        `: ${nodeVersion}`,
        `install -D -m 755 '${nodeProgram}' "$1/usr/local/bin/node"`,
        'strip --strip-unneeded "$1/usr/local/bin/node"',
      ],
    },
    command: ['node'],
    user: '1000:1000',
  };
}

/**
 * The name that the image has in `registry`; its tag changes with the recipe, so an old image is never taken for the
 * present one.
 */
export function imageReference(registry: string, recipe: ImageRecipe): string {
  const tag = createHash('sha256').update(JSON.stringify(recipe)).digest('hex').slice(0, 12);
  return `${registry}/local/${recipe.name}:${tag}`;
}

function programImage(name: string): ImageRecipe {
  const component = embeddedComponents.find((candidate) => candidate.name === name);
  if (component === undefined) throw new RangeError(`no component is called ${name}`);
  return { name, content: { kind: 'program', binary: name, build: buildKey(component) }, entrypoint: [`/${name}`] };
}
