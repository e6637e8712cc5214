import type { Palette } from './palette.ts';

/** How a plan is to be shown as text. */
export interface PlanTextOptions {
  readonly palette: Palette;
  /** All values and how to undo them, where each was set, and how config files change. */
  readonly verbose: boolean;
  /** Columns that lines are wrapped to; undefined for a pipe, where a line is a line. */
  readonly width: number | undefined;
}
