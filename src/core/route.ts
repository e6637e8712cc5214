import { WORKING_MODE, type DesiredMode, type ServerMode } from '../model/mode.ts';

/** The way a server's mode takes through a plan: what it becomes before, is during, and becomes after the product actions. */
export interface ModeRoute {
  readonly before: readonly (DesiredMode | 'provisioning')[];
  /** What server-mode reads while the product actions run: the MODE their scripts are given. */
  readonly during: ServerMode;
  readonly after: readonly DesiredMode[];
}

/** The legal way from one mode to another (CONTRACT 5, "Order" and "First apply"): to a working mode last, from it first. */
export function modeRoute(from: ServerMode | undefined, to: DesiredMode): ModeRoute {
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

/** The way of a server whose mode stays as it is: only what was never provisioned is marked, where anything is to be done on it. */
export function partialRoute(
  from: ServerMode | undefined,
  { acts }: { readonly acts: boolean },
): ModeRoute {
  const found = from ?? 'unprovisioned';
  return found === 'unprovisioned' && acts
    ? { before: ['provisioning'], during: 'provisioning', after: [] }
    : { before: [], during: found, after: [] };
}
