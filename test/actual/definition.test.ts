import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readDefinition } from '../../src/actual/definition.ts';
import type { ProductDefinition, ServerDefinition } from '../../src/model/definition.ts';
import type { Diagnostic } from '../../src/model/diagnostic.ts';
import { absent, known, unreadable, type Fact } from '../../src/model/fact.ts';
import { hostPath } from '../../src/model/ids.ts';

const FILE = '/etc/bootstrap/bootstrap.ini';

// As the old tool, which reads with Python's ConfigParser, was shipped with it.
const OLD_TOOL = `# bootstrap.ini, installed with the image

[bootstrap]
bootstrap-version: 1
server-type: gateway
callback-timeout: 30

[logging]
format: %(asctime)s %(message)s
level: info

[product: gateway]
upgrade-script: /etc/bootstrap/upgrade-gateway
mode-script: /etc/bootstrap/mode-gateway    ; idle, production

[product:deepfiler]
Upgrade-Script=/etc/bootstrap/upgrade-deepfiler
Mode-Script=/etc/bootstrap/mode-deepfiler
`;

describe('a file of the old tool loads unchanged', () => {
  const server = definitionOf(OLD_TOOL);

  test('with the server and its products', () => {
    expect(server).toMatchObject({ file: FILE, root: '/srv/x', serverType: 'gateway' });
    expect(server.scriptPath).toBe('/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin');
    expect([...server.products.keys()]).toEqual(['gateway', 'deepfiler']);
  });

  test('with every default filled in', () => {
    expect(productOf(server, 'gateway')).toEqual({
      name: 'gateway',
      place: { file: FILE, line: 12, column: 2 },
      scripts: new Map([
        [
          'upgrade',
          {
            kind: 'upgrade',
            path: '/etc/bootstrap/upgrade-gateway',
            place: { file: FILE, line: 13, column: 17 },
          },
        ],
        [
          'mode',
          {
            kind: 'mode',
            path: '/etc/bootstrap/mode-gateway',
            place: { file: FILE, line: 14, column: 14 },
          },
        ],
      ]),
      config: undefined,
      settingsSchema: undefined,
      heartbeats: [],
      dependsOn: [],
      timeoutMs: 600_000,
      rollback: true,
      idempotent: true,
    });
    expect([...productOf(server, 'deepfiler').scripts.keys()]).toEqual(['upgrade', 'mode']);
  });
});

test('every key of a product', () => {
  const server = definitionOf(`[bootstrap]
path = /opt/bin:/bin   ; for the scripts

[product: store]
[product: queue]

[product: web]
upgrade-script   = /s/upgrade
mode-script      = /s/mode
provision-script = /s/provision
set-script       = /s/set
probe-script     = /s/probe
remove-script    = /s/remove
test-script      = /s/test
reload-script    = /s/reload
config-file      = /etc/web.cfg
config-format    = template
config-template  = /etc/bootstrap/web.tmpl
config-check     = /usr/sbin/web -c "a b" 'c "d"' --file={file}
settings-schema  = /etc/bootstrap/web.schema.json
config-owner     = web
config-group     = 33
config-mode      = 640
heartbeat        = https://web.example:8443/healthz?x=1
depends-on       = store, queue store
timeout          = 30s
rollback         = no
idempotent       = no
`);
  expect(server.scriptPath).toBe('/opt/bin:/bin');
  const web = productOf(server, 'web');
  expect([...web.scripts].map(([kind, { path }]) => `${kind} ${path}`)).toEqual(
    ['upgrade', 'mode', 'provision', 'set', 'probe', 'remove', 'test', 'reload'].map(
      (kind) => `${kind} /s/${kind}`,
    ),
  );
  expect(web).toMatchObject({
    config: {
      path: '/etc/web.cfg',
      format: 'template',
      template: '/etc/bootstrap/web.tmpl',
      check: ['/usr/sbin/web', '-c', 'a b', 'c "d"', '--file={file}'],
      access: { owner: 'web', group: '33', mode: '0640' },
      place: { file: FILE, line: 16, column: 20 },
    },
    settingsSchema: {
      path: '/etc/bootstrap/web.schema.json',
      place: { file: FILE, line: 20, column: 20 },
    },
    heartbeats: [
      {
        probe: {
          kind: 'http',
          url: 'https://web.example:8443/healthz?x=1',
          status: 200,
          body: undefined,
        },
        timing: {
          graceMs: 0,
          intervalMs: 1000,
          timeoutMs: 2000,
          successes: 1,
          deadlineMs: 60_000,
          stableMs: 0,
        },
      },
    ],
    dependsOn: ['store', 'queue'],
    timeoutMs: 30_000,
    rollback: false,
    idempotent: false,
  });
});

test('the example loads', () => {
  const text = readFileSync('examples/quickstart/server/etc/bootstrap/bootstrap.ini', 'utf8');
  const server = definitionOf(text);
  expect([...server.products.keys()]).toEqual(['store', 'web']);
  expect(productOf(server, 'web').dependsOn).toEqual(['store']);
});

test.each([
  [
    'http://127.0.0.1:8404/healthz',
    { kind: 'http', url: 'http://127.0.0.1:8404/healthz', status: 200, body: undefined },
  ],
  ['tcp://127.0.0.1:5432', { kind: 'tcp', host: '127.0.0.1', port: 5432 }],
  ['tcp://db.example:65535', { kind: 'tcp', host: 'db.example', port: 65_535 }],
  ['tcp://[::1]:80', { kind: 'tcp', host: '::1', port: 80 }],
  ['process:/run/web.pid', { kind: 'process', pidFile: '/run/web.pid' }],
  ['process:///run/web.pid', { kind: 'process', pidFile: '/run/web.pid' }],
  ['unix:///run/web.sock', { kind: 'unix', path: '/run/web.sock' }],
  ['haproxy:/run/haproxy.sock', { kind: 'haproxy', socket: '/run/haproxy.sock' }],
  ['file:///run/web.beat', { kind: 'file', path: '/run/web.beat', maxAgeMs: undefined }],
  ['systemd:web@1.service', { kind: 'systemd', unit: 'web@1.service' }],
  ['monit:web', { kind: 'monit', service: 'web' }],
  ['exec:/bin/check "a b" \'\' c', { kind: 'exec', argv: ['/bin/check', 'a b', '', 'c'] }],
])('the heartbeat %s', (text, probe) => {
  expect(
    productOf(definitionOf(`[product: web]\nheartbeat = ${text}`), 'web').heartbeats,
  ).toMatchObject([{ probe }]);
});

describe('refused, with its place:', () => {
  test.each([
    ['a line that is none', 'words', 'ini-no-separator', '2:1-6', '`key = value`'],
    [
      'a misspelt key',
      'upgrade-scrip = /s',
      'definition-unknown-key',
      '2:1-14',
      'did you mean upgrade-script?',
    ],
    [
      'a key from nowhere',
      'colour = red',
      'definition-unknown-key',
      '2:1-7',
      'known keys: upgrade-script',
    ],
    [
      'a key without a value',
      'mode-script = ; none',
      'definition-value-empty',
      '2:14-15',
      'remove the line',
    ],
    [
      'interpolation of Python',
      'mode-script = %(home)s/mode',
      'definition-interpolation',
      '2:15-28',
      'write the value out',
    ],
    [
      'a relative script',
      'mode-script = bin/mode',
      'definition-path',
      '2:15-23',
      'write /bin/mode',
    ],
    [
      'a script that climbs',
      'mode-script = /s/../../etc/mode',
      'definition-path',
      '2:15-32',
      '`..`',
    ],
    ['a script that is a folder', 'mode-script = /s/', 'definition-path', '2:15-18', 'name a file'],
    ['a timeout without a unit', 'timeout = 30', 'definition-duration', '2:11-13', '30s'],
    ['a timeout of nothing', 'timeout = 0s', 'definition-duration', '2:11-13', 'from 1ms to 24d'],
    [
      'a timeout no timer can hold',
      'timeout = 25d',
      'definition-duration',
      '2:11-14',
      'from 1ms to 24d',
    ],
    ['a third choice', 'rollback = maybe', 'definition-choice', '2:12-17', 'yes, no'],
    [
      'a misspelt choice',
      'config-file = /f\nconfig-format = templat',
      'definition-choice',
      '3:17-24',
      'did you mean template?',
    ],
    ['an unknown heartbeat', 'heartbeat = ftp://h', 'definition-heartbeat', '2:13-20', 'process:'],
    [
      'a heartbeat without a scheme',
      'heartbeat = 127.0.0.1:80',
      'definition-heartbeat',
      '2:13-25',
      'http://',
    ],
    ['a broken URL', 'heartbeat = http://:80/', 'definition-heartbeat', '2:13-24', 'http://'],
    [
      'a password in a URL',
      'heartbeat = http://u:p@h/',
      'definition-heartbeat',
      '2:13-26',
      'remove it',
    ],
    [
      'a port out of range',
      'heartbeat = tcp://h:65536',
      'definition-heartbeat',
      '2:13-26',
      'HOST:PORT',
    ],
    [
      'an address without a port',
      'heartbeat = tcp://h',
      'definition-heartbeat',
      '2:13-20',
      'HOST:PORT',
    ],
    [
      'a relative pid file',
      'heartbeat = process:run/x.pid',
      'definition-path',
      '2:13-30',
      '/run/x.pid',
    ],
    [
      'a pid file on another host',
      'heartbeat = process://run/x.pid',
      'definition-heartbeat',
      '2:13-32',
      'write one slash or three: /run',
    ],
    [
      'a socket that is a folder',
      'heartbeat = unix:/run/',
      'definition-path',
      '2:13-23',
      'name a file',
    ],
    ['a unit that is none', 'heartbeat = systemd:a b', 'definition-heartbeat', '2:13-24', 'web.'],
    [
      'a service without a name',
      'heartbeat = monit:',
      'definition-heartbeat',
      '2:13-19',
      'SERVICE',
    ],
    ['no command', 'heartbeat = exec:', 'definition-heartbeat', '2:13-18', 'exec:/PROGRAM'],
    [
      'a command with an open quote',
      'heartbeat = exec:a "b',
      'definition-heartbeat',
      '2:13-22',
      'no shell reads it',
    ],
    [
      'a dependency that is no name',
      'depends-on = We_b!',
      'definition-product-name',
      '2:14-19',
      'names',
    ],
    [
      'a dependency that is not there',
      'depends-on = stor',
      'definition-dependency',
      '2:14-18',
      'did you mean store?',
    ],
    ['a dependency on itself', 'depends-on = web', 'definition-dependency', '2:14-17', 'remove it'],
    [
      'a format without a file',
      'config-format = ini',
      'definition-key-missing',
      '2:1-14',
      'config-file',
    ],
    [
      'a check without a file',
      'config-check = /c {file}',
      'definition-key-missing',
      '2:1-13',
      'config-file',
    ],
    [
      'a file without a format',
      'config-file = /f',
      'definition-key-missing',
      '2:1-12',
      'config-format = ini',
    ],
    [
      'a template without a file for it',
      'config-file = /f\nconfig-format = template',
      'definition-key-missing',
      '3:17-25',
      'config-template',
    ],
    [
      'a template nobody reads',
      'config-file = /f\nconfig-format = ini\nconfig-template = /t',
      'definition-template-unused',
      '4:1-16',
      'template',
    ],
    [
      'a format that is none',
      'config-file = /f\nconfig-format = toml',
      'definition-choice',
      '3:17-21',
      'template, ini, json, yaml, env',
    ],
    ['a schema that climbs', 'settings-schema = /../s.json', 'definition-path', '2:19-29', '..'],
    [
      'a relative schema',
      'settings-schema = s.json',
      'definition-path',
      '2:19-25',
      'write /s.json',
    ],
    [
      'an owner of no file',
      'config-owner = web',
      'definition-key-missing',
      '2:1-13',
      'config-file',
    ],
    [
      'an owner and a group in one',
      'config-file = /f\nconfig-format = ini\nconfig-owner = web:web',
      'definition-account',
      '4:16-23',
      '/etc/passwd',
    ],
    [
      'a group that is none',
      'config-file = /f\nconfig-format = ini\nconfig-group = -1',
      'definition-account',
      '4:16-18',
      '/etc/group',
    ],
    [
      'permission bits in letters',
      'config-file = /f\nconfig-format = ini\nconfig-mode = rw-------',
      'definition-permission-bits',
      '4:15-24',
      '0640',
    ],
    [
      'a set-id bit',
      'config-file = /f\nconfig-format = ini\nconfig-mode = 4755',
      'definition-permission-bits',
      '4:15-19',
      '0640',
    ],
    [
      'a check without {file}',
      'config-file = /f\nconfig-format = ini\nconfig-check = /c -f',
      'definition-check',
      '4:16-21',
      '{file}',
    ],
    [
      'a check that runs the file',
      'config-file = /f\nconfig-format = ini\nconfig-check = {file}',
      'definition-check',
      '4:16-22',
      'program',
    ],
    [
      'a check with an open quote',
      'config-file = /f\nconfig-format = ini\nconfig-check = /c "{file}',
      'definition-check',
      '4:16-26',
      'quote',
    ],
  ])('%s', (...[, lines, code, place, words]) => {
    const [problem, ...others] = problemsOf(`[product: web]\n${lines}\n[product: store]\n`);
    expect(others).toEqual([]);
    expect(problem).toMatchObject({ code, severity: 'error' });
    expect(`${problem?.span?.line}:${problem?.span?.column}-${problem?.span?.endColumn}`).toBe(
      place,
    );
    expect(problem?.sourceLine).toBe(lines.split('\n')[(problem?.span?.line ?? 0) - 2]);
    expect(`${problem?.summary} ${problem?.fix}`).toContain(words);
  });

  test.each([
    ['a name in capitals', '[product: Web]', 'definition-product-name', 'write [product: web]'],
    ['a name that climbs', '[product: a/../b]', 'definition-product-name', 'another name'],
    ['no name', '[product:]', 'definition-product-name', 'another name'],
    [
      'a section without a colon',
      '[product web]',
      'definition-section-name',
      'write [product: web]',
    ],
    ['a plural', '[products: web]', 'definition-section-name', 'write [product: web]'],
    ['capitals', '[Bootstrap]', 'definition-section-name', 'write [bootstrap]'],
    [
      'a product twice',
      '[product: web]\n[product:web]',
      'definition-product-repeated',
      'remove one',
    ],
    [
      'one file for two',
      '[product: a]\nconfig-file=/f\nconfig-format=ini\n[product: b]\nconfig-file=/f\nconfig-format=ini',
      'definition-file-shared',
      'of its own',
    ],
    ['a relative folder in path', '[bootstrap]\npath = /bin:bin', 'definition-path', 'absolute'],
    ['an empty folder in path', '[bootstrap]\npath = /bin::/sbin', 'definition-path', 'absolute'],
  ])('%s', (_, text, code, words) => {
    const [problem, ...others] = problemsOf(text);
    expect(others).toEqual([]);
    expect(problem?.code).toBe(code);
    expect(problem?.fix).toContain(words);
  });

  test('all at once, in their order', () => {
    const text =
      '[bootstrap]\npath = x\n[product: A]\n[product: b]\ntimeout = 1\nupgrade-scrip = /s\nmode-script = m\ndepends-on = c\n';
    expect(problemsOf(text).map(({ span }) => span?.line)).toEqual([2, 3, 5, 6, 7, 8]);
  });
});

test('a file that is not there, and one that cannot be read, are told apart', () => {
  expect(read(absent)).toEqual({ ok: false, error: { code: 'definition-missing', path: FILE } });
  expect(read(unreadable('permission denied'))).toEqual({
    ok: false,
    error: { code: 'file-unusable', path: FILE, why: 'permission denied', what: 'read' },
  });
});

test('an empty file defines a server without products', () => {
  expect(definitionOf('')).toMatchObject({ serverType: undefined, products: new Map() });
});

describe('callback-allow', () => {
  const allowanceOf = (value: string) =>
    definitionOf(`[bootstrap]\ncallback-allow = ${value}\n`).callbackAllow;

  test('is https and private addresses where nothing is said', () => {
    expect(definitionOf('[bootstrap]\n').callbackAllow).toEqual({
      https: true,
      private: true,
      ranges: [],
    });
    expect(definitionOf('').callbackAllow).toEqual({ https: true, private: true, ranges: [] });
  });

  test.each([
    ['private', false, true, 0],
    ['https, private', true, true, 0],
    ['https 192.0.2.7,10.20.0.0/16   fd00:1::/32', true, false, 3],
    ['none', false, false, 0],
  ])('%s', (value, https, isPrivate, ranges) => {
    const allowance = allowanceOf(value);
    expect(allowance).toMatchObject({ https, private: isPrivate });
    expect(allowance.ranges).toHaveLength(ranges);
  });

  test.each(['ops.example', 'none, https', '10.0.0.0/33', '10.0.0/8', '1.2.3.4/', 'fe80::1%eth0'])(
    '%s is refused',
    (value) => {
      expect(problemsOf(`[bootstrap]\ncallback-allow = ${value}\n`)).toMatchObject([
        { code: 'definition-callback-allow', span: { line: 2, column: 18 } },
      ]);
    },
  );
});

function read(text: Fact<string>) {
  const path = hostPath('/srv/x', FILE);
  const files = { read: (asked: string) => (asked === path ? text : absent) };
  return readDefinition(files, { path, shownPath: FILE, root: '/srv/x' });
}

function definitionOf(text: string): ServerDefinition {
  const result = read(known(text));
  if (!result.ok) throw new Error(JSON.stringify(result.error, null, 2));
  return result.value;
}

function problemsOf(text: string): readonly Diagnostic[] {
  const result = read(known(text));
  return !result.ok && result.error.code === 'definition-invalid' ? result.error.diagnostics : [];
}

function productOf(server: ServerDefinition, name: string): ProductDefinition {
  const product = [...server.products.values()].find((candidate) => candidate.name === name);
  if (product === undefined) throw new Error(`there is no ${name}`);
  return product;
}
