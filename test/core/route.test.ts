import { describe, expect, test } from 'vitest';
import { modeRoute } from '../../src/core/route.ts';
import {
  DESIRED_MODES,
  SERVER_MODES,
  type DesiredMode,
  type ServerMode,
} from '../../src/model/mode.ts';

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

function routeText(from: ServerMode | undefined, to: DesiredMode): string {
  const { before, during, after } = modeRoute(from, to);
  return [...before, `[${during}]`, ...after].join(' ');
}
