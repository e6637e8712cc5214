import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { exportState, type Exported } from '../../src/app/export.ts';
import { loadWritten } from '../../src/app/load.ts';
import { lookContext } from '../../src/app/look.ts';
import { planNow } from '../../src/app/planning.ts';
import type { Site } from '../../src/app/site.ts';
import { draftExport } from '../../src/core/export.ts';
import { exportWarnings, unreadableFacts } from '../../src/core/render/export-nodes.ts';
import { createNodeHost } from '../../src/host/node-host.ts';
import { hostPath, runIdOf } from '../../src/model/ids.ts';
import { WHOLE, type Plan } from '../../src/model/plan.ts';
import { hashToken } from '../../src/model/secret.ts';
import { createWorld, type FileTexts, type World } from '../rig/world.ts';
import { anyServer, filesOf, type ServerCase } from './servers.ts';

const RUNS = { numRuns: 200 };
const RUN_ID = runIdOf(new Date(0), '000000000000');
const SCHEMA = './schema.json';
const EXPORT = 'export.yaml';

const host = createNodeHost();

describe('planning an export shows no change', () => {
  test('of any server at rest', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(anyServer(), async (server) => {
        await withWorld(await filesOf(server), async (world) => {
          const done = await exported(world);
          expect(unreadableFacts(done.server)).toEqual([]);
          expect(needlesslySuspended(server, done)).toEqual([]);
          const plan = await planned(world);
          expect(plan.actions).toEqual([]);
          const installed = server.products.filter(({ version }) => version !== undefined);
          const held = plan.held.filter(({ why }) => why !== 'not-in-file');
          expect(plan.unchanged + held.length).toBe(installed.length);
          world.put({ [EXPORT]: done.json });
          expect((await planned(world)).actions).toEqual([]);
        });
      }),
      RUNS,
    );
  });

  test('of what a probe-script tells', async () => {
    const answer = { version: '2.0', settings: { level: 3, on: true, list: [1, 'a'], text: '3' } };
    const files = {
      ...server('[product: web]', 'probe-script = /etc/probe', 'set-script = /etc/set'),
      'etc/probe': `#!/bin/sh\necho '${JSON.stringify(answer)}'\n`,
      'etc/set': '#!/bin/sh\n',
      'var/bootstrap/products/web/version': '1.0\n',
    };
    await withWorld(files, async (world) => {
      expect(bodyOf(await exported(world))).toBe(
        `products:
  web:
    version: "2.0"  # told by the probe-script
    settings:  # told by the probe-script
      level: 3
      "on": true
      list: [1, a]
      text: "3"
`,
      );
      expect((await planned(world)).actions).toEqual([]);
    });
  });

  test.each<readonly [string, FileTexts, string]>([
    ['an edited one', { 'etc/web.conf': 'by hand\n' }, 'is not what its template gives'],
    ['one that is gone', {}, 'is not there'],
  ])('of a template whose file is %s: it is suspended', async (_, config, why) => {
    await withWorld({ ...templated('{{ settings.a }}'), ...config }, async (world) => {
      const { text, server: found } = await exported(world);
      expect(text).toContain('    suspend: true  # bootstrap leaves it alone\n');
      expect(exportWarnings(found)).toEqual([expect.stringContaining(why)]);
      expect((await planned(world)).actions).toEqual([]);
    });
  });

  test('of a template that needs settings which are not on record: it is a comment', async () => {
    const files = { ...templated('{{ settings.b }}'), 'etc/web.conf': 'b\n' };
    await withWorld(files, async (world) => {
      expect(bodyOf(await exported(world))).toBe(`# products:
#   web:
#     # left out, for its template cannot be rendered: undefined variable: settings.b
#     version: "1"  # from /var/bootstrap/products/web/version
#     settings:  # last applied, from /var/bootstrap/products/web/settings.json
#       a: 1
`);
      expect((await planned(world)).actions).toEqual([]);
    });
  });
});

describe('an export', () => {
  test('of a template has the settings that were applied, whatever its probe-script tells', async () => {
    const files = {
      ...templated('{{ settings.a }}', 'probe-script = /etc/probe'),
      'etc/probe': `#!/bin/sh\necho '{"version": "1", "settings": {"a": 2}}'\n`,
      'etc/web.conf': '1',
    };
    await withWorld(files, async (world) => {
      expect(bodyOf(await exported(world))).toBe(`products:
  web:
    version: "1"  # told by the probe-script
    settings:  # last applied, from /var/bootstrap/products/web/settings.json
      a: 1
`);
      expect((await planned(world)).actions).toEqual([]);
    });
  });

  test('leaves out one part, and keeps the others', async () => {
    const files = {
      ...server('[product: web]', ...INI),
      'var/bootstrap/products/web/version': '1\n',
      'var/bootstrap/products/web/repository': 'bookworm\n',
      'etc/web.conf': '[key]\nfromFile = /a\n',
    };
    await withWorld(files, async (world) => {
      expect(bodyOf(await exported(world))).toBe(`products:
  web:
    # settings left out: it would be read as something else
    version: "1"  # from /var/bootstrap/products/web/version
    repository: bookworm  # from /var/bootstrap/products/web/repository
`);
    });
  });

  test('says where each value came from', async () => {
    const files = {
      ...server('[product: web]', ...INI, '[product: store]', '[product: gone]'),
      'var/bootstrap/products/web/version': '1.10\n',
      'var/bootstrap/products/web/repository': '/srv/packages\n',
      'etc/web.conf': 'port = 080\nsize = 80\ngreeting = Hello, you!\n[tls]\non = true\n',
      'var/bootstrap/products/store/version': '2\n',
    };
    await withWorld(files, async (world) => {
      expect((await exported(world)).text).toBe(`# yaml-language-server: $schema=./schema.json
# Written by \`bootstrap export\` from what is on this server, as the comments say.
# What runs, checks and watches the products stands in /etc/bootstrap/bootstrap.ini alone.
apiVersion: bootstrap/v1

server:
  mode: production  # from /var/bootstrap/server-mode

products:
  # gone:  # not installed
  #   version: "…"  # write one

  store:
    version: "2"  # from /var/bootstrap/products/store/version

  web:
    version: "1.10"  # from /var/bootstrap/products/web/version
    repository: /srv/packages  # from /var/bootstrap/products/web/repository
    settings:  # from the config file /etc/web.conf
      port: "080"
      size: 80
      greeting: Hello, you!
      tls:
        "on": true
`);
    });
  });

  test('holds no secret, and shows where one belongs', async () => {
    const files = {
      ...server('[product: web]', ...INI),
      'var/bootstrap/products/web/version': '1\n',
      'etc/web.conf': 'port = 80\n[tls]\nkey = hunter2\n',
      'var/bootstrap/products/web/settings.json': JSON.stringify({
        schema: 'bootstrap.settings/1',
        settings: { port: 80, tls: { key: hashToken('abc') } },
      }),
    };
    await withWorld(files, async (world) => {
      const { text, json, server: found } = await exported(world);
      expect(text + json).not.toContain('hunter2');
      expect(text).toContain(`
    # settings:  # from the config file /etc/web.conf
    #   port: 80
    #   tls:
    #     key:
    #       fromFile: …
`);
      expect(exportWarnings(found)).toEqual([
        expect.stringContaining('settings left out: tls.key'),
      ]);
      expect((await planned(world)).actions).toEqual([]);
    });
  });

  test('does not write out what the settings-schema calls a secret', async () => {
    const files = {
      ...server('[product: web]', ...INI, 'settings-schema = /etc/web.schema.json'),
      'etc/web.schema.json': JSON.stringify({
        type: 'object',
        properties: { port: { default: 80 }, key: { type: 'string', writeOnly: true } },
      }),
      'var/bootstrap/products/web/version': '1\n',
      'etc/web.conf': 'port = 80\nkey = hunter2\n',
    };
    await withWorld(files, async (world) => {
      const { text, json, server: found } = await exported(world);
      expect(text + json + exportWarnings(found).join()).not.toContain('hunter2');
      expect(exportWarnings(found)).toEqual([expect.stringContaining('web: settings left out: ')]);
      expect((await planned(world)).actions).toEqual([]);
    });
  });

  test.each<readonly [string, FileTexts, readonly string[], string]>([
    [
      'a mode that is a state, not a wish',
      { 'var/bootstrap/server-mode': 'invalid\n' },
      [
        'server.mode: /var/bootstrap/server-mode reads invalid; planning this shows the way to idle',
      ],
      '  mode: idle  # /var/bootstrap/server-mode reads invalid',
    ],
    [
      'no mode',
      { 'var/bootstrap/server-mode': null },
      [
        'server.mode: this server never was provisioned; planning this shows its first apply',
        'web: on record, but this server never was provisioned: planning this provisions it',
      ],
      '  mode: idle  # this server never was provisioned',
    ],
    [
      'a product that a run left unfinished',
      { 'var/bootstrap/products/web/status': 'upgrading\n' },
      ['web: its status is upgrading: planning this shows what is still to do'],
      '    # its status is upgrading',
    ],
    [
      'a config file that is gone',
      { 'etc/web.conf': null, 'var/bootstrap/products/web/settings.json': SETTINGS({ a: 1 }) },
      ['web: settings left out: the config file /etc/web.conf is gone'],
      '    # settings left out: the config file /etc/web.conf is gone',
    ],
    [
      'a config file that nobody can read',
      { 'etc/web.conf': 'what is this\n' },
      ['web: settings left out: the config file /etc/web.conf cannot be read back'],
      '    # settings left out',
    ],
    [
      'what looks like the place of a secret',
      { 'etc/web.conf': '[key]\nfromFile = /a\n' },
      ['web: settings left out: it would be read as something else'],
      '    # settings left out',
    ],
    [
      'a repository that nobody could declare',
      { 'var/bootstrap/products/web/repository': '-rf\n' },
      [expect.stringContaining('web: repository left out: products.web.repository must not')],
      '    # repository left out',
    ],
  ])('says so: %s', async (_, files, warnings, line) => {
    const basis = {
      ...server('[product: web]', ...INI),
      'var/bootstrap/products/web/version': '1\n',
      'etc/web.conf': 'a = 1\n',
    };
    await withWorld({ ...basis, ...files }, async (world) => {
      const { text, server: found } = await exported(world);
      expect(exportWarnings(found)).toEqual(warnings);
      expect(text).toContain(`\n${line}`);
      expect(unreadableFacts(found)).toEqual([]);
    });
  });

  test.each<readonly [string, FileTexts, string]>([
    [
      'server-mode',
      { 'var/bootstrap/server-mode': 'busy\n' },
      '  # mode: write idle or production',
    ],
    [
      'web: version',
      { 'var/bootstrap/products/web/version': '?\n' },
      '    # version cannot be read: ',
    ],
    [
      'web: status',
      { 'var/bootstrap/products/web/status': '?\n' },
      '    # status cannot be read: ',
    ],
    [
      'web: applied settings',
      { 'var/bootstrap/products/web/settings.json': '{' },
      '    # settings left out: which of them are secrets cannot be read',
    ],
  ])('has a comment for what cannot be read: %s', async (fact, files, line) => {
    const basis = {
      ...server('[product: web]', ...INI),
      'var/bootstrap/products/web/version': '1\n',
      'etc/web.conf': 'a = 1\n',
    };
    await withWorld({ ...basis, ...files }, async (world) => {
      const { text, server: found } = await exported(world);
      expect(unreadableFacts(found)).toEqual([expect.objectContaining({ fact })]);
      expect(text).toContain(`\n${line}`);
    });
  });
});

const INI = ['config-file = /etc/web.conf', 'config-format = ini'];

function SETTINGS(settings: object): string {
  return JSON.stringify({ schema: 'bootstrap.settings/1', settings });
}

/** A server in production with these lines in its bootstrap.ini. */
function server(...lines: readonly string[]): FileTexts {
  return {
    'etc/bootstrap/bootstrap.ini': `${lines.join('\n')}\n`,
    'var/bootstrap/server-mode': 'production\n',
  };
}

/** A product whose config file comes of a template, with the setting `a` on record. */
function templated(template: string, ...lines: readonly string[]): FileTexts {
  const config = ['config-file = /etc/web.conf', 'config-format = template'];
  return {
    ...server('[product: web]', ...config, 'config-template = /etc/web.tmpl', ...lines),
    'etc/web.tmpl': template,
    'var/bootstrap/products/web/version': '1\n',
    'var/bootstrap/products/web/settings.json': SETTINGS({ a: 1 }),
  };
}

async function withWorld<T>(files: FileTexts, use: (world: World) => Promise<T>): Promise<T> {
  const world = createWorld(files);
  try {
    return await use(world);
  } finally {
    world.end();
  }
}

function siteOf({ root }: World): Site {
  const named = (path: string) => ({ shown: path, path: hostPath('', join(root, path)) });
  return { root, definition: named('etc/bootstrap/bootstrap.ini'), desired: [named(EXPORT)] };
}

/** Exports, and leaves the text in the world for `planned`. */
async function exported(world: World): Promise<Exported> {
  const done = await exportState(host, {
    site: siteOf(world),
    runId: RUN_ID,
    schema: SCHEMA,
    draft: draftExport,
  });
  if (!done.ok) throw new Error(JSON.stringify(done.error, undefined, 2));
  world.put({ [EXPORT]: done.value.text });
  return done.value;
}

/** Products that are to be left alone, though nobody edited their file and all their settings could be declared. */
function needlesslySuspended({ products }: ServerCase, { server: found }: Exported): string[] {
  const byHand = products.filter(({ isByHand }) => isByHand).map(({ name }) => name);
  return found.products
    .filter(({ shape }) => shape === 'suspended')
    .filter(({ remarks }) => remarks.every(({ kind }) => kind !== 'refused'))
    .map(({ definition }): string => definition.name)
    .filter((name) => !byHand.includes(name));
}

/** The part of an export that its products are in. */
function bodyOf({ text }: Exported): string {
  return text.slice(text.search(/^#? ?products:/m));
}

/** Plans what was exported, as `bootstrap plan` does. */
async function planned(world: World): Promise<Plan> {
  const written = await loadWritten(host, siteOf(world));
  if (!written.ok) throw new Error(JSON.stringify(written.error, undefined, 2));
  const look = lookContext(host, written.value.definition, { runId: RUN_ID });
  const asked = {
    downgrades: new Set<never>(),
    removals: new Set<never>(),
    changesMax: undefined,
    selection: WHOLE,
    mode: 'wished',
  } as const;
  const planning = { site: siteOf(world), written: written.value, look, asked };
  const made = await planNow(host, planning);
  if (!made.ok || made.value.findings.length > 0)
    throw new Error(JSON.stringify(made, undefined, 2));
  return made.value.plan;
}
