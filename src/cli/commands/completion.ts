import type { Command } from 'commander';
import { renderBashCompletion } from '../../core/render/completion-bash.ts';
import { renderFishCompletion } from '../../core/render/completion-fish.ts';
import { renderZshCompletion } from '../../core/render/completion-zsh.ts';
import type { CommandWords } from '../../model/command-words.ts';
import type { GlobalOptions } from '../options.ts';
import { describeCommand } from '../command-words.ts';

/** The shells that there is a script for. */
export type Shell = 'bash' | 'zsh' | 'fish';

/** `bootstrap completion`: a script for a shell, made from the commands themselves, so that it offers what --help lists. */
export function completion(shell: Shell, program: Command): number {
  program.opts<GlobalOptions>().printer.out(RENDERERS[shell](describeCommand(program)));
  return 0;
}

const RENDERERS: Readonly<Record<Shell, (program: CommandWords) => string>> = {
  bash: renderBashCompletion,
  zsh: renderZshCompletion,
  fish: renderFishCompletion,
};
