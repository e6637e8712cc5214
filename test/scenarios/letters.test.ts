// What is bundled says the same as what was written, letters beyond ASCII too.
import { expect, test } from 'vitest';
import { runCli } from '../rig/cli.ts';
import { createWorld } from '../rig/world.ts';

test('a template knows the letters of Latin scripts', async ({ onTestFinished }) => {
  const world = createWorld({
    'etc/bootstrap/bootstrap.ini':
      '[product: web]\nconfig-file = /web.conf\nconfig-format = template\nconfig-template = /web.liquid\n',
    'web.liquid': '{{ settings.name | slugify: "latin" }} → {{ settings.name }}\n',
    'desired-state.yaml':
      'apiVersion: bootstrap/v1\nserver: {mode: idle}\nproducts: {web: {version: "1", settings: {name: Café ÿ Œuvre}}}\n',
  });
  onTestFinished(() => world.end());
  expect(await runCli(world, ['apply', '--yes'])).toMatchObject({ exitCode: 0 });
  expect(world.text('web.conf')).toBe('cafe-y-oeuvre → Café ÿ Œuvre\n');
});
