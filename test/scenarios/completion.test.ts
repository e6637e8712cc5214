// What Tab offers is what --help lists, in the shells themselves.
import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';
import { beforeAll, describe, expect, onTestFinished, test, type TestContext } from 'vitest';
import { offeredBy, SHELLS, type Line, type Shell } from '../rig/shells.ts';
import { openTerminal, type Terminal } from '../rig/terminal.ts';
import { createWorld } from '../rig/world.ts';

interface Listed {
  readonly commands: readonly string[];
  readonly options: readonly string[];
}

const bootstrap = (...args: readonly string[]): string =>
  execFileSync(process.execPath, [resolve('dist/bootstrap.cjs'), ...args], { encoding: 'utf8' });

/** What --help lists, by command: `lock show`. */
const help = new Map<string, Listed>();
const scripts = new Map<Shell, string>();

beforeAll(() => {
  readHelp([]);
  for (const shell of SHELLS) scripts.set(shell, bootstrap('completion', shell));
});

function readHelp(command: Line): void {
  const text = bootstrap(...command, '--help');
  const [beforeCommands = '', ...rest] = text.split(/^(?:Commands|The old tool's verbs):\n/m);
  const entries = rest.join('').matchAll(/^ {2}([a-z][\w.-]*)/gm);
  const commands = Array.from(entries, ([, name = '']) => name);
  const flags = beforeCommands.matchAll(/^ {2}(-\w)?(?:, )?(--[\w-]+)?/gm);
  const options = Array.from(flags, ([, ...each]) => each.filter((flag) => flag !== undefined));
  help.set(command.join(' '), { commands, options: options.flat() });
  for (const name of commands.filter((each) => each !== 'help')) readHelp([...command, name]);
}

const offered = (shell: Shell, ...lines: readonly Line[]): readonly (readonly string[])[] =>
  offeredBy(shell, scripts.get(shell) ?? '', lines).map((each) =>
    each.map((word) => word.split(/[:\t]/)[0] ?? '').toSorted(),
  );

const wordsOf = (command: string): Line => command.split(' ').filter((word) => word !== '');

describe.each(SHELLS)('%s', (shell) => {
  test('offers the commands that --help lists, and no other', () => {
    const above = [...help].filter(([, { commands }]) => commands.length > 0);
    expect(above.length).toBeGreaterThanOrEqual(5);
    const found = offered(shell, ...above.map(([command]) => [...wordsOf(command), '']));
    expect(new Map(above.map(([command], at) => [command, found[at]]))).toEqual(
      new Map(above.map(([command, { commands }]) => [command, commands.toSorted()])),
    );
  });

  test('offers the options that --help lists, and those of all commands', () => {
    const all = help.get('')?.options ?? [];
    expect(all).toContain('--root');
    const found = offered(shell, ...[...help.keys()].map((command) => [...wordsOf(command), '-']));
    expect(new Map([...help.keys()].map((command, at) => [command, found[at]]))).toEqual(
      new Map(
        [...help].map(([command, { options }]) => [
          command,
          [...new Set([...options, ...all])].toSorted(),
        ]),
      ),
    );
  });

  test('offers the words that an option or an argument can be', () => {
    expect(
      offered(
        shell,
        ['plan', '--format', ''],
        ['lock', 'show', '--format', ''],
        ['apply', '--on-failure', ''],
        ['--root', '/srv', '-q', 'server.mode', ''],
        ['completion', ''],
        ['help', ''],
      ),
    ).toEqual([
      ['github', 'json', 'markdown', 'mermaid', 'text'],
      ['json', 'text'],
      ['continue', 'rollback', 'stop'],
      ['idle', 'production'],
      ['bash', 'fish', 'zsh'],
      help
        .get('')
        ?.commands.filter((name) => name !== 'help')
        .toSorted(),
    ]);
  });

  test('offers nothing where only a person can know, or all was said', () => {
    expect(
      offered(
        shell,
        ['status', ''],
        ['plan', '--only', ''],
        ['watch', '--path', ''],
        ['server.mode', 'idle', ''],
        ['apply', 'saved.plan', ''],
      ),
    ).toEqual([[], [], [], [], []]);
  });
});

describe('at a terminal', () => {
  test('bash completes commands, words behind = and files', async (context) => {
    const terminal = atTerminal(context);
    terminal.enter('source <(bootstrap completion bash)');
    await completes(terminal, 'bootstrap pla', /^\$ bootstrap plan$/);
    await completes(terminal, 'bootstrap plan --format=mark', /--format=markdown$/);
    await completes(terminal, 'bootstrap plan -f my\\ s', /-f my\\ server\.yaml$/);
    await completes(terminal, 'bootstrap --root my', /--root my\\ folder\/$/);
  });

  test('zsh completes the same, and says what commands are for', async (context) => {
    const terminal = atTerminal(context);
    terminal.enter("exec env PS1='$ ' zsh -f");
    terminal.enter('autoload -Uz compinit && compinit -u -D && source <(bootstrap completion zsh)');
    await completes(terminal, 'bootstrap pla', /^\$ bootstrap plan$/);
    await completes(terminal, 'bootstrap plan --format=mark', /--format=markdown$/);
    await completes(terminal, 'bootstrap plan -f my\\ s', /-f my\\ server\.yaml$/);
    await completes(terminal, 'bootstrap --root my\\ f', /--root my\\ folder\/$/);
    await completes(terminal, 'bootstrap apply --on-f', /--on-failure$/);
    await completes(terminal, 'bootstrap lock ', /^break +-- free the lock from a holder/);
  });
});

function atTerminal(context: TestContext): Terminal {
  const world = createWorld({ 'my server.yaml': '', 'my folder/x': '' });
  onTestFinished(() => world.end());
  return openTerminal(context, world, { columns: 120, rows: 30 });
}

// What is typed before the prompt is there would be typed to the command that still runs.
async function completes(terminal: Terminal, typed: string, shown: RegExp): Promise<void> {
  terminal.enter('clear; echo "re"ady');
  await terminal.shows(/^ready$/, /^\$$/);
  terminal.press(typed);
  terminal.press('Tab');
  await terminal.shows(shown);
  terminal.press('C-c');
}
