import { describe, expect, test } from 'vitest';
import { makePlan } from '../../src/core/plan.ts';
import { plainPalette, type Palette } from '../../src/core/render/palette.ts';
import { planBody } from '../../src/core/render/plan-json.ts';
import { renderPlan } from '../../src/core/render/plan-text.ts';
import type { OriginOf } from '../../src/model/document.ts';
import { absent, known } from '../../src/model/fact.ts';
import { RICH_BODY, RICH_PLAN } from './events.ts';
import { bodyOf } from './plan-bodies.ts';
import { ALL_ALLOWED, given, having, type ServerCase } from './states.ts';

const plain = { palette: plainPalette, verbose: false, width: undefined };

const RICH = `Drift: changed on the server since the last apply, to be corrected
  haproxy.maxconn  2000 -> 100

bootstrap will perform these actions:
  ! downgrade  database   2.0 -> 1.0                        BLOCKED: a downgrade needs --allow-downgrade database
  ! provision  deepfiler  (none) -> 7, with 1 setting       BLOCKED: waits for database/downgrade, which is blocked
  + provision  gateway    (none) -> 1, with 2 settings      not installed  [opaque]
  ^ upgrade    haproxy    2.6.12-1 -> 2.6.12-1+deb12u4      version differs  [opaque]
  ~ set        haproxy    maxconn 100 -> 2000, 1 more (-v)  settings differ, both  [exact]
  ~ set        mailer     repository (none) -> trixie       repository differs  [exact]
  > mode       server     idle -> production                mode differs  [opaque]
  verify gateway: http http://127.0.0.1/healthz
  verify haproxy: http http://127.0.0.1/healthz

Left alone:
  scanner: unreadable: version: permission denied
  printer: suspended: suspend: true in the desired state

Plan: 5 to do (1 provision, 1 upgrade, 2 set, 1 mode), 2 blocked, 1 unchanged.
`;

const RICH_IN_FULL = `  ! downgrade  database   2.0 -> 1.0                    BLOCKED: a downgrade needs --allow-downgrade database
        undo: upgrade-script with 2.0
  ! provision  deepfiler  (none) -> 7                   BLOCKED: waits for database/downgrade, which is blocked
        with 1 setting
  + provision  gateway    (none) -> 1                   not installed  [opaque]
        with 2 settings
  ^ upgrade    haproxy    2.6.12-1 -> 2.6.12-1+deb12u4  version differs  [opaque]
        undo: upgrade-script with 2.6.12-1
  ~ set        haproxy    maxconn 100 -> 2000           settings differ, both  [exact]
        tls.ciphers (none) -> ["one","two"]
        undo: the values before
  ~ set        mailer     repository (none) -> trixie   repository differs  [exact]
        undo: the values before
  > mode       server     idle -> production            mode differs  [opaque]
`;

const RICH_WITH_ORIGINS = `  ! downgrade  database   2.0 -> 1.0, set by a.yaml:3                   BLOCKED: a downgrade needs --allow-downgrade database
        undo: upgrade-script with 2.0
  ! provision  deepfiler  (none) -> 7, set by a.yaml:3                  BLOCKED: waits for database/downgrade, which is blocked
        with 1 setting, set by a.yaml:3
  + provision  gateway    (none) -> 1, set by a.yaml:3                  not installed  [opaque]
        with 2 settings, set by a.yaml:3
  ^ upgrade    haproxy    2.6.12-1 -> 2.6.12-1+deb12u4, set by a.yaml:3  version differs  [opaque]
        undo: upgrade-script with 2.6.12-1
  ~ set        haproxy    maxconn 100 -> 2000, set by a.yaml:4          settings differ, both  [exact]
        tls.ciphers (none) -> ["one","two"], set by a.yaml:5
        undo: the values before
  ~ set        mailer     repository (none) -> trixie, set by a.yaml:3  repository differs  [exact]
        undo: the values before
  > mode       server     idle -> production, set by a.yaml:2           mode differs  [opaque]
`;

/** The line is the length of the path: each value is asked for by its whole way from the top. */
const originOf: OriginOf = (path) => ({ file: 'a.yaml', line: path.length, column: 1 });

describe('a plan as text', () => {
  test('has a line an action, drift and what is left alone apart, the sum last', () => {
    expect(renderPlan(RICH_BODY, plain)).toBe(RICH);
  });

  test('in full says every value, and how to undo', () => {
    expect(renderPlan(RICH_BODY, { ...plain, verbose: true })).toContain(RICH_IN_FULL);
  });

  test('in full says also where each value was set, where that is known', () => {
    const full = { ...plain, verbose: true };
    const body = planBody(RICH_PLAN, { findings: [], originOf });
    expect(renderPlan(body, full)).toContain(RICH_WITH_ORIGINS);
    const nowhere = planBody(RICH_PLAN, { findings: [], originOf: () => undefined });
    expect(renderPlan(nowhere, full)).toContain(RICH_IN_FULL);
    expect(renderPlan(body, plain)).toBe(RICH);
  });

  test('asks for settings whose names hold dots by their path, and for no mode that nobody wrote', () => {
    const states = given({
      mode: absent,
      products: {
        haproxy: {
          settings: { 'a.b': 1, a: { c: 2 }, '\u001b[31m': 3 },
          config: 'json',
          found: { applied: known({}), ...having({}) },
        },
      },
    });
    const asked: string[] = [];
    const body = planBody(makePlan(states, ALL_ALLOWED), {
      findings: [],
      originOf: (path) => {
        asked.push(JSON.stringify(path));
        return undefined;
      },
    });
    const text = renderPlan(body, { ...plain, verbose: true });
    const settings = asked.filter((path) => path.includes('settings'));
    expect(settings.toSorted()).toEqual([
      '["products","haproxy","settings","\\u001b[31m"]',
      '["products","haproxy","settings","a","c"]',
      '["products","haproxy","settings","a.b"]',
    ]);
    expect(asked.filter((path) => path.includes('mode'))).toEqual(['["server","mode"]']);
    expect(text).not.toContain('\u001b');
  });

  test('says the same in colour', () => {
    const marked = (text: string): string => `<${text}>`;
    const palette: Palette = {
      strong: marked,
      faint: marked,
      good: marked,
      bad: marked,
      warn: marked,
      accent: marked,
    };
    const bare = renderPlan(RICH_BODY, { ...plain, palette }).replaceAll(/(?<!-)[<>]/g, '');
    expect(bare).toBe(RICH.replaceAll(/(?<!-)>/g, ''));
  });

  test.each<[string, ServerCase, string]>([
    [
      'nothing to do',
      { products: { haproxy: {} } },
      'No changes. The server matches desired-state.yaml.\n',
    ],
    [
      'nothing to do but what is left alone',
      { products: { haproxy: { suspend: true } } },
      [
        'Left alone:',
        '  haproxy: suspended: suspend: true in the desired state',
        '',
        'No changes. Apart from what was left alone, the server matches desired-state.yaml.',
        '',
      ].join('\n'),
    ],
    [
      'a value too long to show',
      {
        products: {
          haproxy: {
            settings: { banner: 'x'.repeat(99) },
            config: 'ini',
            found: { applied: known({}), ...having({}) },
          },
        },
      },
      [
        'bootstrap will perform these actions:',
        `  ~ set  haproxy  banner (none) -> ${'x'.repeat(57)}...  settings differ  [exact]`,
        '',
        'Plan: 1 to do (1 set), 0 unchanged.',
        '',
      ].join('\n'),
    ],
  ])('%s', (_, server, text) => {
    expect(renderPlan(bodyOf(server), plain)).toBe(text);
  });

  test('says the type where only that differs, and tells a setting from a record of its name', () => {
    const states = given({
      products: {
        haproxy: {
          settings: { maxconn: 100, repository: 'x' },
          config: 'json',
          repository: 'trixie',
          found: {
            repository: known('bookworm'),
            applied: known({ maxconn: 100 }),
            ...having({ maxconn: '100' }),
          },
        },
      },
    });
    const body = planBody(makePlan(states, ALL_ALLOWED), { findings: [], originOf: undefined });
    const text = renderPlan(body, { ...plain, verbose: true });
    expect(text).toContain('maxconn "100" -> 100');
    expect(text).toContain('settings.repository (none) -> x');
    expect(text).toContain('repository bookworm -> trixie');
  });

  test('shows drift as from what was last applied to what is, also where something else is wished now', () => {
    const body = bodyOf({
      products: {
        haproxy: {
          settings: { maxconn: 2000 },
          config: 'ini',
          found: { applied: known({ maxconn: 1000 }), ...having({ maxconn: '5' }) },
        },
      },
    });
    const text = renderPlan(body, plain);
    expect(text).toContain('  haproxy.maxconn  1000 -> 5\n');
    expect(text).toContain('maxconn 5 -> 2000');
  });
});
