/** The words of `server-mode` in /var/bootstrap. */
export const SERVER_MODES = [
  'unprovisioned',
  'provisioning',
  'mode-updating',
  'idle',
  'production',
  'invalid',
] as const;
/** What `server-mode` may read. */
export type ServerMode = (typeof SERVER_MODES)[number];

/** The modes a desired state may ask for; the others are states, not wishes. */
export const DESIRED_MODES = ['idle', 'production'] as const;
/** A mode that can be asked for, and for which mode-scripts run. */
export type DesiredMode = (typeof DESIRED_MODES)[number];

/** The mode in which products serve: heartbeats gate and reload-scripts run only there. */
export const WORKING_MODE = 'production' satisfies DesiredMode;

/** The words of a product's `status` file. */
export const PRODUCT_STATUSES = ['valid', 'upgrading', 'invalid'] as const;
/** What a product's `status` may read. */
export type ProductStatus = (typeof PRODUCT_STATUSES)[number];

/** The server mode a text spells, or undefined. */
export function parseServerMode(text: string): ServerMode | undefined {
  return SERVER_MODES.find((mode) => mode === text);
}

/** The product status a text spells, or undefined. */
export function parseProductStatus(text: string): ProductStatus | undefined {
  return PRODUCT_STATUSES.find((status) => status === text);
}
