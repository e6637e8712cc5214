import { WORKING_MODE, type DesiredMode, type ServerMode } from '../model/mode.ts';
import type { ModeChoice } from '../model/plan.ts';

/** The way a server's mode takes through a plan: what it becomes before, is during, and becomes after the product actions. */
export interface ModeRoute {
  readonly before: readonly (DesiredMode | 'provisioning')[];
  /** What server-mode reads while the product actions run: the MODE their scripts are given. */
  readonly during: ServerMode;
  readonly after: readonly DesiredMode[];
}

/** Where a server's mode is, where it is to be, and whether any product is acted on. */
export interface RouteEnds {
  readonly from: ServerMode | undefined;
  readonly to: DesiredMode;
  readonly acts: boolean;
}

/** The way a server's mode takes (CONTRACT 5, "Order" and "First apply"), as it was chosen; with `partial`, only some products being planned, it goes nowhere. */
export function routeBy(
  choice: ModeChoice,
  { from, to, acts }: RouteEnds,
  { partial }: { readonly partial: boolean },
): ModeRoute {
  const found = from ?? 'unprovisioned';
  const stay: ModeRoute = { before: [], during: found, after: [] };
  if (partial && choice !== 'untouched') return partialRoute(found, { acts });
  switch (choice) {
    case 'wished':
      return modeRoute(from, to);
    case 'untouched':
      return stay;
    case 'alone':
      return found === to ? stay : { ...stay, after: [to] };
    case 'anew':
      return acts ? routeAnew(found, to) : modeRoute(from, to);
  }
}

function routeAnew(found: ServerMode, to: DesiredMode): ModeRoute {
  const before = found === 'provisioning' ? [] : (['provisioning'] as const);
  return { before, during: 'provisioning', after: afterProvisioning(to) };
}

// The legal way from one mode to another: to a working mode last, from it first.
function modeRoute(from: ServerMode | undefined, to: DesiredMode): ModeRoute {
  const found = from ?? 'unprovisioned';
  switch (found) {
    case 'unprovisioned':
      return { before: ['provisioning'], during: 'provisioning', after: afterProvisioning(to) };
    case 'provisioning':
      return { before: [], during: 'provisioning', after: afterProvisioning(to) };
    case 'idle':
    case 'production':
    case 'mode-updating':
    case 'invalid':
      if (found === to) return { before: [], during: found, after: [] };
      return to === WORKING_MODE
        ? { before: [], during: found, after: [to] }
        : { before: [to], during: to, after: [] };
  }
}

function afterProvisioning(to: DesiredMode): readonly DesiredMode[] {
  return to === 'idle' ? ['idle'] : ['idle', to];
}

// Only what was never provisioned is marked, where anything is to be done on it.
function partialRoute(found: ServerMode, { acts }: Pick<RouteEnds, 'acts'>): ModeRoute {
  return found === 'unprovisioned' && acts
    ? { before: ['provisioning'], during: 'provisioning', after: [] }
    : { before: [], during: found, after: [] };
}
