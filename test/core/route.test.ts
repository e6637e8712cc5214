import { describe, expect, test } from 'vitest';
import { routeBy } from '../../src/core/route.ts';
import {
  DESIRED_MODES,
  SERVER_MODES,
  type DesiredMode,
  type ServerMode,
} from '../../src/model/mode.ts';
import type { ModeChoice } from '../../src/model/plan.ts';

/** Products are between the brackets: the mode they are given stands there. */
const ROUTES: { readonly [From in ServerMode]: { readonly [To in DesiredMode]: string } } = {
  unprovisioned: {
    idle: 'provisioning [provisioning] idle',
    production: 'provisioning [provisioning] idle production',
  },
  provisioning: { idle: '[provisioning] idle', production: '[provisioning] idle production' },
  'mode-updating': { idle: 'idle [idle]', production: '[mode-updating] production' },
  idle: { idle: '[idle]', production: '[idle] production' },
  production: { idle: 'idle [idle]', production: '[production]' },
  invalid: { idle: 'idle [idle]', production: '[invalid] production' },
};

describe('the way of the mode', () => {
  test.each(SERVER_MODES.flatMap((from) => DESIRED_MODES.map((to) => [from, to] as const)))(
    'from %s to %s',
    (from, to) => {
      expect(routeText(from, to)).toBe(ROUTES[from][to]);
    },
  );

  test.each(DESIRED_MODES)('from a server without a mode to %s is the first apply', (to) => {
    expect(routeText(undefined, to)).toBe(ROUTES.unprovisioned[to]);
  });
});

describe('as it was chosen', () => {
  test.each<readonly [ModeChoice, from: ServerMode | undefined, to: DesiredMode, string]>([
    ['untouched', 'idle', 'production', '[idle]'],
    ['untouched', undefined, 'idle', '[unprovisioned]'],
    ['alone', 'unprovisioned', 'production', '[unprovisioned] production'],
    ['alone', 'production', 'idle', '[production] idle'],
    ['alone', 'idle', 'idle', '[idle]'],
    ['anew', 'production', 'idle', 'provisioning [provisioning] idle'],
    ['anew', 'provisioning', 'idle', '[provisioning] idle'],
  ])('%s from %s to %s', (choice, from, to, text) => {
    expect(routeText(from, to, { choice })).toBe(text);
  });

  test('anew is no detour where there is nothing to do', () => {
    expect(routeText('production', 'idle', { choice: 'anew', acts: false })).toBe('idle [idle]');
  });

  test.each<ModeChoice>(['wished', 'alone', 'anew'])(
    'a part of the products does not change it: %s',
    (choice) => {
      expect(routeText('idle', 'production', { choice, partial: true })).toBe('[idle]');
      expect(routeText(undefined, 'idle', { choice, partial: true })).toBe(
        'provisioning [provisioning]',
      );
    },
  );
});

interface Choosing {
  readonly choice?: ModeChoice;
  readonly acts?: boolean;
  readonly partial?: boolean;
}

function routeText(
  from: ServerMode | undefined,
  to: DesiredMode,
  { choice = 'wished', acts = true, partial = false }: Choosing = {},
): string {
  const { before, during, after } = routeBy(choice, { from, to, acts }, { partial });
  return [...before, `[${during}]`, ...after].join(' ');
}
