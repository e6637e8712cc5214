import type { Host } from '../host/host.ts';
import type { Terminal, TerminalTold } from '../report/region.ts';

/** Whether a terminal can be drawn on: not a dumb one, nor the log of a pipeline, which keeps each frame. */
export function drawsLive(): boolean {
  const { TERM: terminal = 'dumb', CI: pipeline = '' } = process.env;
  const isPipeline = pipeline !== '' && pipeline !== 'false';
  return terminal !== 'dumb' && !isPipeline;
}

/** A spinner that the terminal has the letters for: the console of Linux has no braille, other encodings than UTF-8 have none either. */
export function spinnerFor({
  TERM: terminal,
  LC_ALL: all = '',
  LC_CTYPE: type = '',
  LANG: language = '',
}: NodeJS.ProcessEnv): readonly string[] {
  // The first one that is set counts (locale(7)).
  const locale = [all, type, language].find((each) => each !== '') ?? '';
  const isBraille = /utf-?8/i.test(locale) && terminal !== 'linux';
  return Array.from(isBraille ? '⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏' : '|/-\\');
}

// What a terminal that does not say is taken for.
const COLUMNS_DEFAULT = 80;
const ROWS_DEFAULT = 24;

/** The terminal on stdout. */
export function openTerminal({ processes }: Pick<Host, 'processes'>): Terminal {
  const { stdout } = process;
  return {
    // One that knows neither says 0.
    size: () => ({
      columns: stdout.columns || COLUMNS_DEFAULT,
      rows: stdout.rows || ROWS_DEFAULT,
    }),
    isOurs: () => processes.isInForeground(),
    attend,
  };
}

// With a listener a signal no longer does what it does by itself.
function attend({ leave, forget, end }: TerminalTold): () => void {
  const stop = (): void => {
    leave();
    process.kill(process.pid, 'SIGSTOP');
  };
  const die = (): void => {
    leave();
    process.off('SIGQUIT', die);
    process.kill(process.pid, 'SIGQUIT');
  };
  process.on('SIGTSTP', stop).on('SIGCONT', forget);
  process.on('SIGQUIT', die).on('exit', end);
  return () => {
    process.off('SIGTSTP', stop).off('SIGCONT', forget);
    process.off('SIGQUIT', die).off('exit', end);
  };
}
