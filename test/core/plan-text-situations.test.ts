import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { columnsOf } from '../../src/core/render/columns.ts';
import { plainPalette } from '../../src/core/render/palette.ts';
import { planSummary, renderPlan } from '../../src/core/render/plan-text.ts';
import { known } from '../../src/model/fact.ts';
import type { PlanBody } from '../../src/model/plan-document.ts';
import { RICH_BODY } from './events.ts';
import { anyBody, AT_NIGHT, bodyOf } from './plan-bodies.ts';
import { ALL_ALLOWED, allowing, at, having, selecting, type ServerCase } from './states.ts';

const pipe = { palette: plainPalette, verbose: false, width: undefined };

const UPGRADE: ServerCase = {
  products: {
    haproxy: { version: '2', found: at('1') },
    store: { dependsOn: ['haproxy'], version: '2', found: at('1') },
    web: {
      dependsOn: ['haproxy'],
      settings: { a: 1 },
      config: 'ini',
      found: { applied: known({}), ...having({}) },
    },
  },
};

const LEFTOVERS: ServerCase['leftovers'] = {
  gone: { scripts: null },
  nginx: { found: at('1.18') },
  redis: { found: { ...at('7'), protected: known(true) } },
  store: { scripts: 'upgrade', found: at('3') },
};

const REPORTED: ServerCase = {
  products: {
    web: {
      driftPolicy: 'report',
      settings: { a: 1 },
      config: 'ini',
      found: having({ a: '2' }),
    },
  },
};

describe('a plan as text says', () => {
  test.each<[string, PlanBody, readonly string[]]>([
    [
      'what waits for its time, and until when',
      bodyOf(UPGRADE, AT_NIGHT),
      [
        'bootstrap will perform these actions:',
        '  z upgrade  haproxy  1 -> 2         DEFERRED until 2026-11-23 22:00 UTC (window "Mon-Fri 22:00-04:00 UTC")',
        '  z upgrade  store    1 -> 2         DEFERRED until 2026-11-23 22:00 UTC (window "Mon-Fri 22:00-04:00 UTC")',
        '  ! set      web      a (none) -> 1  BLOCKED: waits for haproxy/upgrade, which is deferred',
        '',
        'Plan: 0 to do, 1 blocked, 2 deferred, 0 unchanged.',
      ],
    ],
    [
      'which part of it this is',
      bodyOf(UPGRADE, {
        ...ALL_ALLOWED,
        selection: selecting('--only haproxy --exclude db'),
      }),
      [
        'Partial plan: --only haproxy --exclude db; it says nothing of the other products.',
        '',
        'bootstrap will perform these actions:',
        '  ^ upgrade  haproxy  1 -> 2  version differs  [opaque]',
        '',
        'Left alone:',
        '  store, web: not selected: not among --only haproxy',
        '',
        'Partial plan: 1 to do (1 upgrade), 0 unchanged.',
      ],
    ],
    [
      'of a part without changes nothing about the rest',
      bodyOf({ products: { web: {} } }, { ...ALL_ALLOWED, selection: selecting('--only web') }),
      [
        'Partial plan: --only web; it says nothing of the other products.',
        '',
        'No changes in this part of the plan.',
      ],
    ],
    [
      'what is removed, and what would allow the rest',
      bodyOf(
        { policy: { prune: true }, products: { web: {} }, leftovers: LEFTOVERS },
        allowing({}),
      ),
      [
        'bootstrap will perform these actions:',
        '  ! remove  nginx  1.18 -> (none)  BLOCKED: a removal needs --allow-remove nginx',
        '  ! remove  redis  7 -> (none)     BLOCKED: protected: write its block again with protect: false and apply that first',
        '  ! remove  store  3 -> (none)     BLOCKED: bootstrap.ini names no remove-script for it',
        '',
        'Left alone:',
        '  gone: on this server, not in this file: /etc/bootstrap/bootstrap.ini has no section of it, so nothing says how to remove it',
        '',
        'Plan: 0 to do, 3 blocked, 1 unchanged.',
      ],
    ],
    [
      'that the server matches its file, whatever else is on it',
      bodyOf({ products: { web: {} }, leftovers: { nginx: {}, redis: {} } }),
      [
        'Left alone:',
        '  nginx, redis: on this server, not in this file: policy.prune is off',
        '',
        'No changes. The server matches desired-state.yaml.',
      ],
    ],
    [
      'drift that is only reported apart from the match',
      bodyOf(REPORTED),
      [
        'Drift: changed on the server since the last apply, reported only: driftPolicy',
        '  web.a  1 -> 2',
        '',
        'No changes. Apart from reported drift, the server matches desired-state.yaml.',
      ],
    ],
    [
      'drift and what is left alone apart from the match',
      bodyOf({ products: { ...REPORTED.products, db: { suspend: true } } }),
      [
        'Drift: changed on the server since the last apply, reported only: driftPolicy',
        '  web.a  1 -> 2',
        '',
        'Left alone:',
        '  db: suspended: suspend: true in the desired state',
        '',
        'No changes. Apart from reported drift and what was left alone, the server matches desired-state.yaml.',
      ],
    ],
    [
      'what was asked for once more',
      bodyOf(
        { products: { web: { settings: { a: 1 }, config: 'ini' } } },
        { ...ALL_ALLOWED, selection: selecting('--redo web') },
      ),
      [
        'bootstrap will perform these actions:',
        '  ^ upgrade  web  1 -> 1      asked to be done again  [opaque]',
        '  ~ set      web              asked to be done again  [exact]',
        '  > mode     web  production  asked to be done again  [opaque]',
        '',
        'Plan: 3 to do (1 upgrade, 1 set, 1 mode), 0 unchanged.',
      ],
    ],
    [
      'what would fail',
      {
        ...bodyOf({ products: { web: {} } }),
        findings: [
          { code: 'config-refused', summary: 'refused', detail: ['line 3'], fix: 'mend it' },
          { code: 'disk-full', summary: 'no room', detail: [], fix: null },
        ],
      },
      [
        'Found before anything was done:',
        '  config-refused: refused',
        '    line 3',
        '    fix: mend it',
        '  disk-full: no room',
        '',
        'No changes. The server matches desired-state.yaml.',
      ],
    ],
  ])('%s', (_, body, lines) => {
    const text = renderPlan(body, pipe);
    expect(text.split('\n')).toEqual([...lines, '']);
    expect(planSummary(body, plainPalette)).toBe(lines.at(-1));
  });
});

const DIFF = '--- /etc/web.conf\n+++ /etc/web.conf\n@@ -1,2 +1,2 @@\n [a]\n-b=1\n+b=2\n';

test('a plan in full shows how config files change below the action that writes them', () => {
  const body = {
    ...bodyOf(UPGRADE),
    files: [
      { product: 'web', path: '/etc/web.conf', diff: DIFF },
      { product: 'haproxy', path: '/etc/haproxy.cfg', diff: null },
    ],
  };
  const marks = { good: '+', bad: '-' };
  const palette = {
    ...plainPalette,
    good: (text: string) => `${marks.good}${text}`,
    bad: (text: string) => `${marks.bad}${text}`,
  };
  const text = renderPlan(body, { ...pipe, palette, verbose: true });
  expect(text).toContain(
    [
      '  ^ upgrade  haproxy  1 -> 2         version differs  [opaque]',
      '        undo: upgrade-script with 1',
      '        /etc/haproxy.cfg (it may hold secrets: its differences are not shown)',
      '',
    ].join('\n'),
  );
  expect(text).toContain(
    [
      '  ~ set      web      a (none) -> 1  settings differ  [exact]',
      '        undo: the values before',
      '        --- /etc/web.conf',
      '        +++ /etc/web.conf',
      '        @@ -1,2 +1,2 @@',
      '         [a]',
      '        --b=1',
      '        ++b=2',
      '',
    ].join('\n'),
  );
  expect(renderPlan(body, pipe)).not.toContain('/etc/web.conf');
});

const NARROW = `Drift: changed on the server since the last apply, to be corrected
  haproxy.maxconn  2000 -> 100

bootstrap will perform these actions:
  ! downgrade  database   2.0 -> 1.0
                          BLOCKED: a downgrade needs --allow-downgrade database
  ! provision  deepfiler  (none) -> 7, with 1 setting
                          BLOCKED: waits for database/downgrade, which is
                          blocked
  + provision  gateway    (none) -> 1, with 2 settings  not installed  [opaque]
  ^ upgrade    haproxy    2.6.12-1 -> 2.6.12-1+deb12u4
                          version differs  [opaque]
  ~ set        haproxy    maxconn 100 -> 2000, 1 more (-v)
                          settings differ, both  [exact]
  ~ set        mailer     repository (none) -> trixie
                          repository differs  [exact]
  > mode       server     idle -> production            mode differs  [opaque]
  verify gateway: http http://127.0.0.1/healthz
  verify haproxy: http http://127.0.0.1/healthz

Left alone:
  scanner: unreadable: version: permission denied
  printer: suspended: suspend: true in the desired state

Plan: 5 to do (1 provision, 1 upgrade, 2 set, 1 mode), 2 blocked, 1 unchanged.
`;

describe('a plan on a terminal', () => {
  test('goes on a line below where a line is full', () => {
    expect(renderPlan(RICH_BODY, { ...pipe, width: 80 })).toBe(NARROW);
  });

  test('goes below the name where there is no room beside it', () => {
    const lines = renderPlan(RICH_BODY, { ...pipe, width: 50 }).split('\n');
    const at = lines.indexOf('  ^ upgrade    haproxy');
    expect(lines.slice(at + 1, at + 3)).toEqual([
      '      2.6.12-1 -> 2.6.12-1+deb12u4',
      '      version differs  [opaque]',
    ]);
  });

  test('goes below the name where a word of it needs the room', () => {
    const url = `http://127.0.0.1/${'x'.repeat(40)}`;
    const body = bodyOf({
      products: {
        gateway: { settings: { url }, config: 'ini', found: { applied: known({}), ...having({}) } },
      },
    });
    expect(renderPlan(body, { ...pipe, width: 70 })).toContain(
      `  ~ set  gateway\n      url (none) ->\n      ${url}\n      settings differ  [exact]\n`,
    );
  });

  test('is as in a pipe where there is room', () => {
    expect(renderPlan(RICH_BODY, { ...pipe, width: 200 })).toBe(renderPlan(RICH_BODY, pipe));
  });

  test('does not give to all lines what one long name needs', () => {
    const long = 'a-name-longer-than-its-share';
    const body = bodyOf({
      products: { [long]: { version: '2', found: at('1') }, db: { version: '2', found: at('1') } },
    });
    expect(renderPlan(body, { ...pipe, width: 80 })).toContain(
      [
        `  ^ upgrade  ${long}  1 -> 2  version differs  [opaque]`,
        '  ^ upgrade  db  1 -> 2  version differs  [opaque]',
      ].join('\n'),
    );
  });

  // What stands before a word that no wrapping can make shorter.
  const BEFORE_A_WORD = 16;

  test('has no line wider than it, but for words that are', () => {
    fc.assert(
      fc.property(
        anyBody(),
        fc.integer({ min: 40, max: 240 }),
        fc.boolean(),
        (body, width, verbose) => {
          // A diff is shown as it is: wrapped, it would be another one.
          const text = renderPlan({ ...body, files: [] }, { ...pipe, verbose, width });
          for (const line of text.split('\n')) {
            const longest = Math.max(...line.split(' ').map(columnsOf));
            if (columnsOf(line) > width) expect(longest).toBeGreaterThan(width - BEFORE_A_WORD);
          }
        },
      ),
    );
  });

  test('never moves a cursor, and has as many lines in a pipe as there are things to say', () => {
    fc.assert(
      fc.property(anyBody(), fc.boolean(), (body, verbose) => {
        const text = renderPlan(body, { ...pipe, verbose });
        expect(text).not.toMatch(/(?![\t\n])[\p{Cc}\u202e\u2028]/u);
        const rows = text.split('\n').filter((line) => /^ {2}[-+^v~>!z] [a-z]+ /.test(line));
        expect(rows).toHaveLength(body.actions.length);
      }),
    );
  });
});
