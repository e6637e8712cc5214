// Who runs on while another build of bootstrap is put in its place goes on as what it was.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, test, type TestContext } from 'vitest';
import { until } from '../host/until.ts';
import { createWorld, type World } from '../rig/world.ts';

const DEFINITION = `[product: a]
upgrade-script = /etc/bootstrap/upgrade
config-file = /a.ini
config-format = ini

[product: b]
upgrade-script = /etc/bootstrap/fail
`;
const head = 'apiVersion: bootstrap/v1\nserver: {mode: idle}\n';

/** A copy of the program, which its test may remove. */
function installed({ onTestFinished }: TestContext): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'bootstrap-installed-')));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  cpSync(resolve('dist'), join(folder, 'dist'), { recursive: true });
  return join(folder, 'dist');
}

function start(world: World, dist: string, args: readonly string[]) {
  const argv = [join(dist, 'bootstrap.cjs'), '--root', world.root, ...args];
  const child = spawn(process.execPath, argv, {
    cwd: world.root,
    env: { PATH: process.env['PATH'], DIST: dist },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let printed = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (printed += text));
  const ended = once(child, 'close').then(() => child.exitCode);
  return { ended, printed: () => printed, end: () => child.kill('SIGTERM') };
}

/** A server that has two products, of the first version. */
async function applied({ onTestFinished }: TestContext, dist: string): Promise<World> {
  const world = createWorld({
    'etc/bootstrap/bootstrap.ini': DEFINITION,
    'etc/bootstrap/upgrade': '#!/bin/sh\n:\n',
    'etc/bootstrap/fail': '#!/bin/sh\n:\n',
    'desired-state.yaml': `${head}products: {a: {version: "1", settings: {port: 80}}, b: {version: "1"}}\n`,
  });
  onTestFinished(() => world.end());
  expect(await start(world, dist, ['apply', '--yes']).ended).toBe(0);
  return world;
}

test('an apply whose script replaces it fails and goes back as any other one', async (context) => {
  const dist = installed(context);
  const world = await applied(context, dist);
  world.put({
    'etc/bootstrap/upgrade': `#!/bin/sh\nrm -rf '${dist}'\n`,
    'etc/bootstrap/fail': '#!/bin/sh\ncase "$*" in *2*) exit 1 ;; esac\n',
    'desired-state.yaml': `${head}policy: {onFailure: rollback}\nproducts: {a: {version: "2", settings: {port: 81}}, b: {version: "2", dependsOn: [a]}}\n`,
  });
  const run = start(world, dist, ['apply', '--yes', '--format', 'text']);
  const exitCode = await run.ended;
  expect(run.printed()).not.toContain('bug in bootstrap');
  expect(run.printed()).toMatch(/[Rr]olled back/);
  expect(exitCode).toBe(3);
  expect(world.text('var/bootstrap/products/a/version')).toBe('1\n');
  expect(world.text('a.ini')).toContain('port = 80');
});

test('an apply whose script puts another build in place runs nothing of it', async (context) => {
  const dist = installed(context);
  const world = await applied(context, dist);
  // Each chunk as long as before, as after a small change: V8 would take its code for that of the text.
  const other = 'throw new Error("the other build");';
  const overwrite = `for chunk in '${dist}'/chunk-*.cjs; do
  size=$(stat -c %s "$chunk")
  printf "%-\${size}s" '${other}' >"$chunk"
  '${process.execPath}' -e '
    const fs = require("fs"), [, chunk] = process.argv;
    const text = "(function (module, exports, require) {" + fs.readFileSync(chunk, "utf8") + "\\n})";
    fs.writeFileSync(chunk + ".cache", new (require("vm").Script)(text, {filename: require("path").basename(chunk)}).createCachedData());
  ' "$chunk"
done
`;
  world.put({
    'etc/bootstrap/upgrade': `#!/bin/sh\ncase "$*" in *2*) ;; *) exit 0 ;; esac\n${overwrite}`,
    'etc/bootstrap/fail': '#!/bin/sh\ncase "$*" in *2*) exit 1 ;; esac\n',
    'desired-state.yaml': `${head}policy: {onFailure: rollback}\nproducts: {a: {version: "2", settings: {port: 81}}, b: {version: "2", dependsOn: [a]}}\n`,
  });
  const run = start(world, dist, ['apply', '--yes']);
  expect(await run.ended, run.printed()).toBe(3);
  expect(run.printed()).not.toContain('the other build');
});

test('an apply that waits for the one that replaces it is as it was', async (context) => {
  const dist = installed(context);
  const world = createWorld({
    'etc/bootstrap/bootstrap.ini': DEFINITION,
    'etc/bootstrap/upgrade': `#!/bin/sh\nuntil [ -e "$BOOTSTRAP_ROOT/go" ]; do sleep 0.05; done\nrm -rf '${dist}'\n`,
    'etc/bootstrap/fail': '#!/bin/sh\n:\n',
    'desired-state.yaml': `${head}products: {a: {version: "1", settings: {port: 80}}}\n`,
  });
  context.onTestFinished(() => world.end());
  const first = start(world, dist, ['apply', '--yes']);
  await until(() => first.printed().includes('a/provision: started'));
  const second = start(world, dist, ['apply', '--yes', '--lock-timeout', '1m']);
  await until(() => /[Ww]aiting/.test(second.printed()));
  world.put({ go: '' });
  expect(await first.ended, first.printed()).toBe(0);
  expect(await second.ended, second.printed()).toBe(0);
  expect(second.printed()).toContain('No changes');
});

test('a watch goes on with what it was started from', async (context) => {
  const dist = installed(context);
  const world = createWorld({
    'etc/bootstrap/bootstrap.ini': DEFINITION,
    'etc/bootstrap/upgrade': '#!/bin/sh\n:\n',
    'etc/bootstrap/fail': '#!/bin/sh\nfalse\n',
    'desired-state.yaml': `${head}products: {a: {version: "1", settings: {port: 80}}}\n`,
  });
  context.onTestFinished(() => world.end());
  const run = start(world, dist, ['watch', '-f', join(world.root, 'desired-state.yaml')]);
  try {
    await until(() => world.text('a.ini')?.includes('port = 80') === true);
    rmSync(dist, { recursive: true });
    world.put({
      'desired-state.yaml': `${head}products: {a: {version: "1", settings: {port: 81}}}\n`,
    });
    await until(() => world.text('a.ini')?.includes('port = 81') === true);
    world.put({
      'desired-state.yaml': `${head}products: {a: {version: "2", settings: {port: 81}}, b: {version: "2"}}\n`,
    });
    await until(() => world.text('var/bootstrap/products/a/version') === '2\n');
    world.put({ 'desired-state.yaml': `${head}product: {}\n` });
    await until(() => run.printed().includes('desired-state.yaml:3:1'));
  } finally {
    run.end();
  }
  expect(await run.ended).toBe(0);
  expect(run.printed()).not.toContain('bug in bootstrap');
});
