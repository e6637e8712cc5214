// What a run keeps of its reading only makes the next one quick: whatever becomes of it, the next one says the same, and what
// people change meanwhile is seen.
import { expect, test, type TestContext } from 'vitest';
import { runCli } from '../rig/cli.ts';
import { createWorld, type World } from '../rig/world.ts';

const CACHE = 'var/bootstrap/cache/desired-state';
const GENERATION = 'var/bootstrap/generations/1.json';
const TIME_LIMIT_MS = 60_000;

const DEFINITION = `[product: web]
config-file = /etc/web.ini
config-format = ini

[product: db]
config-file = /etc/db.json
config-format = json
`;
const DESIRED = `apiVersion: bootstrap/v1
server:
  mode: idle
products:
  web:
    version: "1"
    settings:
      port: 80
  db:
    version: "2"
    settings:
      name: main
`;

async function converged({ onTestFinished }: TestContext): Promise<World> {
  const world = createWorld({
    'etc/bootstrap/bootstrap.ini': DEFINITION,
    'desired-state.yaml': DESIRED,
  });
  onTestFinished(() => world.end());
  expect(await runCli(world, ['apply', '--yes'])).toMatchObject({ exitCode: 0 });
  return world;
}

const planOf = async (world: World) => await runCli(world, ['plan', '--detailed-exitcode']);

test.for<readonly [what: string, damaged: (kept: string) => string | null]>([
  ['is gone', () => null],
  ['is empty', () => ''],
  ['has lost its end', (kept) => kept.slice(0, -1)],
  ['has lost its second half', (kept) => kept.slice(0, kept.length / 2)],
  ['has lost all but its first line', (kept) => kept.slice(0, kept.indexOf('\n') + 1)],
  ['says another version', (kept) => kept.replace('"version":"1"', '"version":"9"')],
  ['says another setting', (kept) => kept.replace('"port":80', '"port":81')],
  ['says another config file', (kept) => kept.replace('/etc/web.ini', '/etc/www.ini')],
  ['is of another build', (kept) => kept.replace(/"build":"[^"]*"/, '"build":"another"')],
  ['is of another format', (kept) => kept.replace('bootstrap.compiled/', 'bootstrap.compiled/9')],
  ['is no text', () => '\u0000\uFFFD\u0000'],
])(
  'the next run says the same where what was kept %s, and keeps it anew',
  { timeout: TIME_LIMIT_MS },
  async ([, damaged], context) => {
    const world = await converged(context);
    const kept = world.text(CACHE) ?? '';
    expect(damaged(kept)).not.toBe(kept);
    world.put({ [CACHE]: damaged(kept) });
    expect(await planOf(world)).toMatchObject({ exitCode: 0, stderr: '' });
    expect(await runCli(world, ['apply'])).toMatchObject({ exitCode: 0, stderr: '' });
    expect(world.text(CACHE)).toBe(kept);
  },
);

test(
  'the next run says the same where a folder stands in its place, and that it cannot keep anything',
  { timeout: TIME_LIMIT_MS },
  async (context) => {
    const world = await converged(context);
    world.put({ [CACHE]: null, [`${CACHE}/file`]: 'x' });
    expect(await planOf(world)).toMatchObject({ exitCode: 0, stderr: '' });
    const applied = await runCli(world, ['apply']);
    expect(applied).toMatchObject({ exitCode: 0 });
    expect(applied.stdout).toContain(`${CACHE}: it is a folder, not a file`);
  },
);

test(
  'what others could have written is not relied on',
  { timeout: TIME_LIMIT_MS },
  async (context) => {
    const world = await converged(context);
    const kept = world.text(CACHE) ?? '';
    world.chmod({ [CACHE]: '0666' });
    expect(await runCli(world, ['apply'])).toMatchObject({ exitCode: 0, stderr: '' });
    expect(world.text(CACHE)).toBe(kept);
  },
);

test.for<readonly [path: string, text: string | null, said: RegExp]>([
  ['etc/web.ini', 'port = 81\n', /web\.port +80 -> 81/],
  ['etc/web.ini', null, /set +web .*config file/],
  ['etc/db.json', '{"name": "main", "more": 1}\n', /db\.more/],
  ['var/bootstrap/products/web/version', '0\n', /upgrade +web +0 -> 1/],
  ['var/bootstrap/products/web/status', 'invalid\n', /web .*left it invalid/],
  ['var/bootstrap/products/web/protect', 'yes\n', /set +web .*protect/],
  ['var/bootstrap/products/web/settings.json', '{', /web: unreadable/],
  ['var/bootstrap/server-mode', 'production\n', /mode +server/],
  ['etc/bootstrap/bootstrap.ini', `${DEFINITION}config-mode = 0600\n`, /set +db .*mode/],
])(
  'the next run sees what %s was changed to: %j',
  { timeout: TIME_LIMIT_MS },
  async (row, context) => {
    const [path, text, said] = row;
    const world = await converged(context);
    expect(await planOf(world)).toMatchObject({ exitCode: 0 });
    world.put({ [path]: text });
    const planned = await planOf(world);
    expect(planned.stdout).toMatch(said);
    // Just as without anything kept.
    world.put({ [CACHE]: null });
    expect((await planOf(world)).stdout).toBe(planned.stdout);
  },
);

test.for<readonly [what: string, damaged: (text: string) => string, last: string]>([
  ['is damaged', (text) => text.slice(0, -9), '1.json 2.json in a folder'],
  [
    'is of another revision',
    (text) => text.replace(/"revision": "./, '$&0'),
    '1.json 2.json in a folder',
  ],
  [
    'was edited, and is one still',
    (text) => text.replace('"port": 80', '"port":  80'),
    '1.json in a folder',
  ],
  [
    'does not tell its checksum yet',
    (text) => text.replace(/\n *"documentSum": .*/, ''),
    '1.json in a folder',
  ],
])(
  'a run that changes nothing looks at the newest generation: one that %s',
  { timeout: TIME_LIMIT_MS },
  async ([, damaged, last], context) => {
    const world = await converged(context);
    const text = world.text(GENERATION) ?? '';
    expect(damaged(text)).not.toBe(text);
    world.put({ [GENERATION]: damaged(text) });
    expect(await runCli(world, ['apply'])).toMatchObject({ exitCode: 0, stderr: '' });
    expect(world.text('var/bootstrap/generations')).toBe(last);
    expect(await runCli(world, ['apply'])).toMatchObject({ exitCode: 0, stderr: '' });
    expect(world.text('var/bootstrap/generations')).toBe(last);
  },
);
