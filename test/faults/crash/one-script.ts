// A server of one product and one script, which writes down when it starts and ends.
import type { TestContext } from 'vitest';
import { createWorld, type FileTexts, type World } from '../../rig/world.ts';

/** Brings it to its version. */
export const APPLY = ['apply', '--yes'];

/** Waits for the file `gate`, twenty seconds at most. */
export const WAITS =
  'tries=1000; until [ -e gate ] || [ $((tries -= 1)) -eq 0 ]; do sleep 0.02; done';

/** Version 1 of it, in a server that is idle. */
export const DESIRED = `apiVersion: bootstrap/v1
server: {mode: idle}
policy: {onFailure: stop}
products: {web: {version: "1"}}
`;

/** Notes its start and end with its pid, and does in between what is said. */
export function script(body: string): string {
  return `#!/bin/sh
cd "$BOOTSTRAP_ROOT" || exit 1
echo "start $$ $*" >>log
${body}
echo "end $$" >>log
`;
}

/** What bootstrap.ini says of it, with more. */
export function ini(more = ''): string {
  return `[product: web]
upgrade-script = /etc/bootstrap/upgrade
${more}
`;
}

/** The server, until the test ends. */
export function serverWith(context: TestContext, body: string, files: FileTexts = {}): World {
  const server = createWorld({
    'etc/bootstrap/bootstrap.ini': ini(),
    'etc/bootstrap/upgrade': script(body),
    'desired-state.yaml': DESIRED,
    ...files,
  });
  context.onTestFinished(() => server.end());
  return server;
}
