import type { Moved } from '../../model/saved-plan.ts';
import { movedText } from './moved-text.ts';
import type { Palette } from './palette.ts';

/** Why a saved plan cannot be applied any more, or why that is not known. */
export type Staleness =
  | { readonly why: 'used' }
  | { readonly why: 'moved'; readonly moved: readonly Moved[] }
  | { readonly why: 'unknown'; readonly reason: string };

/** What stands above a saved plan that cannot be relied on. Ends in an empty line. */
export function staleBanner(staleness: Staleness, palette: Palette): string {
  switch (staleness.why) {
    case 'used':
      return banner('This plan was applied already, or begun.', [], palette);
    case 'moved':
      return banner(
        'This plan is stale: it can no longer be applied.',
        staleness.moved.map(movedText),
        palette,
      );
    case 'unknown':
      return banner('Whether this plan is stale is not known.', [staleness.reason], palette);
  }
}

function banner(title: string, lines: readonly string[], { warn }: Palette): string {
  return `${[warn(title), ...lines.map((line) => `  ${line}`)].join('\n')}\n\n`;
}
