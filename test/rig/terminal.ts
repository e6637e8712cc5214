import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { TestContext } from 'vitest';
import { until } from '../host/until.ts';
import type { World } from './world.ts';

/** A real terminal with a shell in a world's folder, in which `bootstrap` is a command for that world. */
export interface Terminal {
  /** Types a line, and Enter. */
  enter(line: string): void;
  /** Presses a key, as tmux(1) names it: `C-c`. */
  press(key: string): void;
  resize(columns: number, rows: number): void;
  /** Takes the terminal away from what runs in it, as a lost connection does; a new one takes its place. */
  hangUp(): void;
  /** What it shows now, line by line, without blanks at the end of lines and of the screen. */
  screen(): readonly string[];
  /** Waits until a line of the screen matches each of these; rejects with the screen where that takes too long. */
  shows(...patterns: readonly RegExp[]): Promise<void>;
  hasCursor(): boolean;
}

/** How a terminal is opened. */
export interface TerminalOptions {
  readonly columns: number;
  readonly rows: number;
  readonly env?: Readonly<Record<string, string>>;
}

// For a machine on which much else is going on.
const PATIENCE_MS = 15_000;

/** Opens a terminal of tmux(1), which ends with the test, and all in it. */
export function openTerminal(
  { onTestFinished }: TestContext,
  { root }: Pick<World, 'root'>,
  { columns, rows, env = {} }: TerminalOptions,
): Terminal {
  const folder = mkdtempSync(join(tmpdir(), 'bootstrap-tty-'));
  const command = join(folder, 'bootstrap');
  const program = `'${process.execPath}' '${resolve('dist/bootstrap.cjs')}' --root '${root}'`;
  writeFileSync(command, `#!/bin/sh\nexec ${program} "$@"\n`, { mode: 0o755 });
  const tmux = (...words: readonly string[]): string =>
    execFileSync('tmux', ['-S', join(folder, 'socket'), '-f', '/dev/null', ...words], {
      cwd: folder,
      encoding: 'utf8',
      env: environment(folder, env),
    });
  const size = ['-x', `${columns}`, '-y', `${rows}`];
  tmux('new-session', '-d', '-c', root, ...size, 'bash', '--norc', '--noprofile');
  onTestFinished(() => {
    tmux('kill-server');
    rmSync(folder, { recursive: true, force: true });
  });
  const screen = (): readonly string[] => {
    const lines = tmux('capture-pane', '-p').split('\n');
    return lines.slice(0, lines.findLastIndex((line) => line !== '') + 1);
  };
  return {
    enter: (line) => void tmux('send-keys', '-l', `${line}\n`),
    press: (key) => void tmux('send-keys', key),
    resize: (...[x, y]) => void tmux('resize-window', '-x', `${x}`, '-y', `${y}`),
    hangUp: () => void tmux('respawn-pane', '-k', '-c', root),
    screen,
    shows: async (...patterns) => {
      const isShown = (): boolean => {
        const lines = screen();
        return patterns.every((pattern) => lines.some((line) => pattern.test(line)));
      };
      await until(isShown, PATIENCE_MS).catch(() => {
        throw new Error(`no ${patterns.join(' and ')} on\n${screen().join('\n')}`);
      });
    },
    hasCursor: () => tmux('display-message', '-p', '#{cursor_flag}').trim() === '1',
  };
}

function environment(folder: string, env: Readonly<Record<string, string>>) {
  const { PATH = '/usr/bin:/bin', HOME = '/' } = process.env;
  const path = `${folder}:${PATH}`;
  return { PATH: path, HOME, LANG: 'C.UTF-8', PS1: '$ ', BASH_SILENCE: '1', ...env };
}
