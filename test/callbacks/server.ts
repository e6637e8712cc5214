import type { TestContext } from 'vitest';
import { createWorld, type FileTexts, type World } from '../rig/world.ts';

/** What is wished of the server of these tests. */
export interface Wish {
  readonly version?: string;
  readonly mode?: 'idle' | 'production';
  /** A list in YAML. */
  readonly callbacks: string;
}

/** The desired state of one product; its heartbeat passes where the file `up` is there. */
export function desired({ version = '1', mode = 'idle', callbacks }: Wish): string {
  return `apiVersion: bootstrap/v1
server: {mode: ${mode}}
products:
  web: {version: "${version}", heartbeat: {file: /up, deadline: 300ms, interval: 50ms}}
callbacks: ${callbacks}
`;
}

const SCRIPT = `#!/bin/sh
case $2 in *slow) while [ ! -e "$BOOTSTRAP_ROOT/go" ]; do sleep 0.05; done;; *bad) echo "cannot: $2"; exit 3;; esac
`;

/** A server of one product whose versions that end in "bad" fail, and that end in "slow" wait for the file `go`. */
export function newServer(
  { onTestFinished }: Pick<TestContext, 'onTestFinished'>,
  wish: Wish,
  files: FileTexts = {},
): World {
  const world = createWorld({
    'etc/bootstrap/bootstrap.ini': '[product: web]\nupgrade-script = /etc/bootstrap/upgrade\n',
    'etc/bootstrap/upgrade': SCRIPT,
    'desired-state.yaml': desired(wish),
    up: '',
    ...files,
  });
  onTestFinished(() => world.end());
  return world;
}

/** How many deliveries are in a box. */
export function countIn(world: World, box: 'outbox' | 'sent' | 'dead'): number {
  return world.list().filter((path) => path.startsWith(`var/bootstrap/${box}/`)).length;
}

/** What is due later in the outbox is due now. */
export function makeDue(world: World): void {
  for (const path of world.list().filter((each) => each.startsWith('var/bootstrap/outbox/')))
    world.put({
      [path]: (world.text(path) ?? '')
        .replace(/"nextAt": "[^"]*"/, '"nextAt": "2020-01-01T00:00:00.000Z"')
        .replace(/"pauseUntil": "[^"]*"/, '"pauseUntil": null'),
    });
}
