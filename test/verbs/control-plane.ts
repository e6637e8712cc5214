import { createServer } from 'node:http';
import type { TestContext } from 'vitest';
import { createWorld, type FileTexts, type World } from '../rig/world.ts';

/** A control plane that is called back. */
export interface ControlPlane {
  readonly url: string;
  /** The query parameters of each visit so far, in the order in which they came. */
  readonly visits: () => readonly Readonly<Record<string, string>>[];
}

/** Listens on loopback until the test is over; `onVisit` is called before a visit is answered. */
export async function startControlPlane(
  { onTestFinished }: Pick<TestContext, 'onTestFinished'>,
  onVisit: () => void = () => undefined,
): Promise<ControlPlane> {
  const visits: Readonly<Record<string, string>>[] = [];
  const server = createServer(({ method, url = '' }, response) => {
    const { pathname, searchParams } = new URL(url, 'http://127.0.0.1');
    visits.push({ at: `${method} ${pathname}`, ...Object.fromEntries(searchParams) });
    onVisit();
    response.end('ok');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return { url: `http://127.0.0.1:${port}/told`, visits: () => visits };
}

/** Notes when it begins and ends, is as slow as the file `slow` says, and fails for versions that a file `fails-VERSION` names. */
const SCRIPT = `#!/bin/sh
printf '%s <%s> <%s> <%s>\\n' "\${0##*/}" "$1" "$2" "$3" >>"$BOOTSTRAP_ROOT/log"
[ ! -e "$BOOTSTRAP_ROOT/slow" ] || sleep "$(cat "$BOOTSTRAP_ROOT/slow")"
if [ -e "$BOOTSTRAP_ROOT/fails-$2" ]; then
  echo 'no room left' >&2
  exit 3
fi
echo "end $2" >>"$BOOTSTRAP_ROOT/log"
`;

/** What the old tool left on a gateway in production. */
export const OLD_TREE: FileTexts = {
  'etc/bootstrap/bootstrap.ini': `[bootstrap]
bootstrap-version: 1
server-type: gateway

[product: gateway]
upgrade-script: /etc/bootstrap/upgrade
mode-script: /etc/bootstrap/mode
`,
  'etc/bootstrap/upgrade': SCRIPT,
  'etc/bootstrap/mode': '#!/bin/sh\necho "mode <$1>" >>"$BOOTSTRAP_ROOT/log"\n',
  'var/bootstrap/server-mode': 'production',
  'var/bootstrap/lastmessage': '',
  'var/bootstrap/products/gateway/version': '1.0',
  'var/bootstrap/products/gateway/repository': 'trunk',
  'var/bootstrap/products/gateway/status': 'valid',
  'var/bootstrap/products/gateway/lastmessage': '',
};

/** A world that ends with the test. */
export function worldFor(
  { onTestFinished }: Pick<TestContext, 'onTestFinished'>,
  files: FileTexts = OLD_TREE,
): World {
  const world = createWorld(files);
  onTestFinished(() => world.end());
  return world;
}

/** Where the verbs keep the desired state. */
export const DESIRED = 'etc/bootstrap/desired-state.yaml';

/** The version that the desired state asks for. */
export function wishedVersion(world: World): string | undefined {
  return /version: "?([^"\n}]+)"?/.exec(world.text(DESIRED) ?? '')?.[1];
}
