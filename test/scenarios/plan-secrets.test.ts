// A plan goes where people and pipelines look, and is kept in files: no byte of it, in any form, is a secret's.
import { expect, test } from 'vitest';
import { runCli } from '../rig/cli.ts';
import { createWorld, type World } from '../rig/world.ts';

const CANARY = 'Canary+/"7 f00';
const OTHER_CANARY = 'other=Canary=42';
const SERVER = {
  'etc/bootstrap/bootstrap.ini': `[product: gateway]
config-file   = /etc/gateway.ini
config-format = ini
probe-script  = /etc/bootstrap/probe
set-script    = /etc/bootstrap/set

[product: proxy]
config-file     = /etc/proxy.cfg
config-format   = template
config-template = /etc/bootstrap/proxy.tmpl
config-check    = /bin/sh -c 'cat "$0"; base64 "$0"; exit 1' {file}
`,
  'etc/bootstrap/probe': `#!/bin/sh
cat "$BOOTSTRAP_ROOT/run/secrets/key"
cat "$BOOTSTRAP_ROOT/run/secrets/key" >&2
exit 1
`,
  'etc/bootstrap/set': '#!/bin/sh\ncat\n',
  'etc/bootstrap/proxy.tmpl': 'password {{ settings.password }}\n',
  'run/secrets/key': `${CANARY}\n`,
  'desired-state.yaml': `apiVersion: bootstrap/v1
server: {mode: idle}
products:
  gateway: {settings: {port: 1, tls: {key: {fromFile: /run/secrets/key}}}}
  proxy: {settings: {maxconn: 10, password: {fromEnv: PROXY_PASSWORD}}}
`,
};
const ENV = { PROXY_PASSWORD: OTHER_CANARY };
const TELLING_PROBE = '#!/bin/sh\necho \'{"version": "1"}\'\n';

test.for<readonly [what: string, files: Readonly<Record<string, string>>, setOut: string]>([
  ['whose check and probe print them', {}, 'refused'],
  [
    'of a server that has another secret in the file',
    {
      'etc/bootstrap/probe': TELLING_PROBE,
      'etc/gateway.ini': 'port = 2\n\n[tls]\nkey = older-Canary-9\n',
      'etc/proxy.cfg': `password ${OTHER_CANARY}-older\n`,
    },
    'tls.key',
  ],
])('no byte of a plan %s is a secret', async ([, files, said], { onTestFinished }) => {
  const world = createWorld({ ...SERVER, ...files });
  onTestFinished(() => world.end());
  world.chmod({ 'run/secrets/key': '0600' });
  const texts = await outputsOf(world);
  expect(texts['text']).toContain(said);
  expect(texts['the file']).toContain('(secret fromEnv PROXY_PASSWORD)');
  const encoded = [CANARY, OTHER_CANARY].flatMap((canary) => [
    JSON.stringify(canary).slice(1, -1),
    Buffer.from(canary).toString('base64').slice(0, 12),
  ]);
  for (const canary of [CANARY, OTHER_CANARY, 'older-Canary-9', ...encoded])
    for (const [where, text] of Object.entries(texts))
      expect(text.includes(canary), `${canary} in ${where}`).toBe(false);
});

/** Everything that plan, show and a refused apply say and save. */
async function outputsOf(world: World): Promise<Readonly<Record<string, string>>> {
  const texts: Record<string, string> = {};
  const run = async (name: string, args: readonly string[]): Promise<void> => {
    const { exitCode, stdout, stderr } = await runCli(world, args, ENV);
    expect([0, 1], `${name}: ${stderr}`).toContain(exitCode);
    texts[name] = stdout + stderr;
  };
  await run('text', ['plan', '-v', '--out', 'plan.json']);
  for (const format of ['json', 'markdown', 'mermaid', 'github'])
    await run(format, ['plan', '-v', '--format', format]);
  await run('shown', ['show', 'plan.json', '-v']);
  await run('drift', ['drift', '--format', 'json']);
  await run('the end', ['apply', 'plan.json', '--yes', '-v', '--format', 'json']);
  return { ...texts, 'the file': world.text('plan.json') ?? '' };
}
