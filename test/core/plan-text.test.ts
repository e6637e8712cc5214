import { describe, expect, test } from 'vitest';
import { makePlan } from '../../src/core/plan.ts';
import { plainPalette, type Palette } from '../../src/core/render/palette.ts';
import { renderPlan } from '../../src/core/render/plan-text.ts';
import { known } from '../../src/model/fact.ts';
import { RICH_PLAN } from './events.ts';
import { ALL_ALLOWED, given, having, type ServerCase } from './states.ts';

const plain = { palette: plainPalette, verbose: false };

const RICH = `Drift: changed on the server since the last apply, to be corrected
  haproxy.maxconn  2000 -> 100

bootstrap will perform these actions:
  ! downgrade  database   2.0 -> 1.0                        BLOCKED: a downgrade needs --allow-downgrade database
  ! provision  deepfiler  (none) -> 7, 1 more (-v)          BLOCKED: waits for database/downgrade, which is blocked
  + provision  gateway    (none) -> 1, 1 more (-v)          not installed  [opaque]
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
        with 1 settings
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

describe('a plan as text', () => {
  test('has a line an action, drift and what is left alone apart, the sum last', () => {
    expect(renderPlan(RICH_PLAN, plain)).toBe(RICH);
  });

  test('in full says every value, and how to undo', () => {
    expect(renderPlan(RICH_PLAN, { ...plain, verbose: true })).toContain(RICH_IN_FULL);
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
    const bare = renderPlan(RICH_PLAN, { ...plain, palette }).replaceAll(/(?<!-)[<>]/g, '');
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
    expect(renderPlan(makePlan(given(server), ALL_ALLOWED), plain)).toBe(text);
  });

  test('shows drift as from what was last applied to what is, also where something else is wished now', () => {
    const states = given({
      products: {
        haproxy: {
          settings: { maxconn: 2000 },
          config: 'ini',
          found: { applied: known({ maxconn: 1000 }), ...having({ maxconn: '5' }) },
        },
      },
    });
    const text = renderPlan(makePlan(states, ALL_ALLOWED), plain);
    expect(text).toContain('  haproxy.maxconn  1000 -> 5\n');
    expect(text).toContain('maxconn 5 -> 2000');
  });
});
