import type { Treated } from '../../model/ailment.ts';
import { escapeControls } from '../../model/escape.ts';
import type { Palette } from './palette.ts';

/** What is wrong with a server, for a person, the sum last. Ends in a newline. */
export function renderAilments(treated: readonly Treated[], palette: Palette): string {
  const lines = treated.flatMap(({ ailment, setAside }) => {
    const { about, what, remedy } = ailment;
    const done =
      setAside === undefined
        ? `  ${palette.good('fix:')} ${remedy}`
        : `  ${palette.good('set aside:')} ${setAside}; ${ailment.repair?.after ?? ''}`;
    return [`${palette.bad(escapeControls(about))}: ${escapeControls(what)}`, done];
  });
  return `${[...lines, palette.strong(sum(treated))].join('\n')}\n`;
}

function sum(treated: readonly Treated[]): string {
  if (treated.length === 0) return 'Nothing is wrong.';
  const open = treated.filter(({ setAside }) => setAside === undefined);
  const repairable = open.filter(({ ailment }) => ailment.repair !== undefined).length;
  const repaired = treated.length - open.length;
  const parts = [`${treated.length} ${treated.length === 1 ? 'thing is' : 'things are'} wrong`];
  if (repaired > 0) parts.push(`${repaired} set aside`);
  if (repairable > 0) parts.push(`--fix sets ${repairable} aside`);
  return `${parts.join(', ')}.`;
}

/** The same for programs (`bootstrap.doctor/1`). */
export function ailmentsDocument(treated: readonly Treated[]): object {
  return {
    schema: 'bootstrap.doctor/1',
    ailments: treated.map(({ ailment, setAside }) => ({
      about: ailment.about,
      what: ailment.what,
      fix: ailment.remedy,
      repairable: ailment.repair !== undefined,
      setAside: setAside ?? null,
    })),
  };
}
