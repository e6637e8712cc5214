import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A shell that bootstrap can make a completion script for. */
export type Shell = 'bash' | 'zsh' | 'fish';

/** Each of them, as it reads nothing of whoever runs the tests. */
export const SHELLS: readonly Shell[] = ['bash', 'zsh', 'fish'];

/** A command line under way: whole words, then the one at which Tab is pressed. */
export type Line = readonly string[];

const TIME_LIMIT_MS = 60_000;

/**
 * What a shell offers at the end of each line, as it prints it: for zsh and fish with descriptions. Bash and zsh run the function that the
 * script installs, given what their line editors would give; fish is asked as a whole.
 */
export function offeredBy(
  shell: Shell,
  script: string,
  lines: readonly Line[],
): readonly (readonly string[])[] {
  const asked = lines.map((line) => ASK[shell](line)).join('\n');
  const { argv, before } = START[shell];
  // In a file: fish reads no script from the kind of pipe that Node makes.
  const folder = mkdtempSync(join(tmpdir(), 'bootstrap-shell-'));
  const file = join(folder, 'script');
  writeFileSync(file, `${before}\n${script}\n${asked}\n`);
  try {
    const printed = execFileSync(shell, [...argv, file], {
      cwd: folder,
      encoding: 'utf8',
      env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin', HOME: folder, LANG: 'C.UTF-8' },
      timeout: TIME_LIMIT_MS,
    });
    return blocksOf(printed);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function blocksOf(printed: string): readonly (readonly string[])[] {
  const blocks = printed.split('--end--\n').slice(0, -1);
  return blocks.map((block) => block.split('\n').filter((word) => word !== ''));
}

const START: Readonly<
  Record<Shell, { readonly argv: readonly string[]; readonly before: string }>
> = {
  bash: { argv: ['--norc', '--noprofile'], before: 'compopt() { echo "$@"; }' },
  zsh: {
    argv: ['-f'],
    before: `compdef() { }
_describe() { print -rl -- "\${(@P)argv[-1]}"; }
_files() { print -r -- files "$@"; }`,
  },
  fish: { argv: ['--no-config'], before: '' },
};

const ASK: Readonly<Record<Shell, (line: Line) => string>> = {
  bash: (line) => `COMP_WORDS=(bootstrap ${quoted(line)}); COMP_CWORD=${line.length}
_bootstrap; printf '%s\\n' "\${COMPREPLY[@]}"; echo --end--`,
  zsh: (line) => `words=(bootstrap ${quoted(line)}); CURRENT=${line.length + 1}; PREFIX=$words[-1]
_bootstrap; echo --end--`,
  fish: (line) => `complete -C ${quoted([['bootstrap', ...line].join(' ')])}; echo --end--`,
};

function quoted(words: readonly string[]): string {
  return words.map((word) => `'${word}'`).join(' ');
}
