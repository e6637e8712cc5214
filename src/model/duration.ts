import type { Brand } from './ids.ts';

/** A span of time in milliseconds. */
export type DurationMs = Brand<number, 'DurationMs'>;

/** The pattern of durations as they are written: `200ms`, `5s`, `10m`, `1h`, `2d`. */
export const DURATION_PATTERN = '^[0-9]{1,9}(?:ms|s|m|h|d)$';

const UNIT_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};
const duration = /^([0-9]{1,9})(ms|s|m|h|d)$/;

/** A written duration in milliseconds, or undefined where the text is none. */
export function parseDuration(text: string): DurationMs | undefined {
  const [, digits, unit] = duration.exec(text) ?? [];
  if (digits === undefined || unit === undefined) return undefined;
  return durationMs(Number(digits) * (UNIT_MS[unit] ?? 1));
}

/** Milliseconds as a duration. */
export function durationMs(value: number): DurationMs {
  return value as DurationMs;
}

/** A duration for people: `850ms`, `2.3s`, `4m12s`. */
export function showDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)}ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1).replace(/\.0$/, '')}s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600)
    return `${Math.floor(seconds / 60)}m${seconds % 60 === 0 ? '' : `${seconds % 60}s`}`;
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)}h${minutes % 60 === 0 ? '' : `${minutes % 60}m`}`;
}
