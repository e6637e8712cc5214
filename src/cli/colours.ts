import pc from 'picocolors';
import type { Palette } from '../core/render/palette.ts';

/** The colours of terminals. Loaded by its first use: picocolors asks about stdout, and that loads its stream. */
export function colours(): Palette {
  const { bold, dim, green, red, yellow, cyan } = pc.createColors(true);
  return { strong: bold, faint: dim, good: green, bad: red, warn: yellow, accent: cyan };
}
