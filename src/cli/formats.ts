import type { Command } from 'commander';
import { VERBS } from './verb-argv.ts';

const FORMATS: readonly string[] = ['text', 'json'];
// What single commands can print beside those.
const MORE_FORMATS: Readonly<Record<string, readonly string[]>> = {
  plan: ['markdown', 'mermaid', 'github'],
  report: ['html', 'markdown', 'junit'],
  show: ['markdown', 'mermaid', 'github'],
  validate: ['github'],
};

/** What `--format` may say to this command; before any command is named, what it may say to one of them. */
export function formatsOf(command: Command): readonly string[] {
  // What the old tool printed has one form, and so has a script.
  if (VERBS.has(command.name()) || command.name() === 'completion') return ['text'];
  if (command.parent === null)
    return [...new Set([...FORMATS, ...Object.values(MORE_FORMATS).flat()])];
  // `lock show` is not `show`.
  const more = command.parent.parent === null ? MORE_FORMATS[command.name()] : undefined;
  return [...FORMATS, ...(more ?? [])];
}
