// What others wrote on a server may hold bytes that move the cursor of a terminal, or hide what follows. They never reach it.
import { expect, test } from 'vitest';
import { runCli } from '../rig/cli.ts';
import { createWorld, type FileTexts } from '../rig/world.ts';

const EVIL = '\u001b[31m\u0007\r\u009b2J\u202e';
const SERVER: FileTexts = {
  'etc/bootstrap/bootstrap.ini': `[product: web]
probe-script  = /etc/bootstrap/probe
config-file   = /etc/web.json
config-format = json
config-check  = /bin/sh -c 'cat "$BOOTSTRAP_ROOT/said"; [ ! -e "$BOOTSTRAP_ROOT/said" ]' {file}

[product: old]
`,
  'etc/bootstrap/probe': '#!/bin/sh\nprintf \'{"version": "1"}\'\n',
  'desired-state.yaml': `apiVersion: bootstrap/v1
server: {mode: idle}
policy: {prune: true}
products: {web: {version: "1", repository: stable, settings: {name: front}}}
`,
};
// All but tabs and ends of lines; in JSON only what no JSON may hold: the rest of its texts is data, byte for byte.
const UNSAFE = /(?![\t\n])[\p{Cc}\u202a-\u202e]/u;
const UNSAFE_IN_JSON = /(?![\t\n\u0080-\u009f])\p{Cc}/u;

test.for<readonly [where: string, files: FileTexts]>([
  ['a recorded version', { 'var/bootstrap/products/old/version': `1${EVIL}\n` }],
  ['a recorded repository', { 'var/bootstrap/products/web/repository': `a${EVIL}\n` }],
  ['a status', { 'var/bootstrap/products/web/status': `valid${EVIL}\n` }],
  ['the mode of the server', { 'var/bootstrap/server-mode': `idle${EVIL}\n` }],
  ['the last message', { 'var/bootstrap/lastmessage': `failed${EVIL}\n` }],
  ['a setting in a config file', { 'etc/web.json': JSON.stringify({ [`a${EVIL}`]: EVIL }) }],
  [
    'what a probe-script says',
    { 'etc/bootstrap/probe': `#!/bin/sh\nprintf '{"version": "1%s"}' '${EVIL}'\n` },
  ],
  [
    'what a probe-script says as it fails',
    { 'etc/bootstrap/probe': `#!/bin/sh\necho 'no${EVIL}' >&2\nexit 1\n` },
  ],
  ['what a config-check says', { said: `no${EVIL}\n` }],
])('control characters in %s are shown as such, not sent', async ([, files], context) => {
  const world = createWorld({ ...SERVER, ...files });
  context.onTestFinished(() => world.end());
  const commands = ['drift', 'status', 'apply --yes -v'];
  const formats = ['text', 'json', 'markdown', 'mermaid', 'github'];
  const all = [...formats.map((format) => `plan -v --format ${format}`), ...commands];
  for (const command of all) {
    const { stdout, stderr } = await runCli(world, command.split(' '));
    const unsafe = command.endsWith('json') ? UNSAFE_IN_JSON : UNSAFE;
    const lines = `${stdout}${stderr}`.split('\n').filter((line) => unsafe.test(line));
    expect(
      lines.map((line) => JSON.stringify(line)),
      command,
    ).toEqual([]);
  }
});
