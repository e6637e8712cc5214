import { resolve } from 'node:path';
import { Command, CommanderError } from 'commander';
import type { Printer } from '../host/printer.ts';
import { mayBeThere } from '../host/may-be-there.ts';
import { EXIT_CODE } from '../model/failure.ts';
import { layoutOf } from '../model/layout.ts';
import { formatsOf } from './formats.ts';
import type { GlobalOptions } from './options.ts';
import { addCompleting } from './program/completing.ts';
import { addFirstSteps } from './program/first-steps.ts';
import type { End } from './program/flags.ts';
import { addLooks } from './program/looks.ts';
import { addOperations } from './program/operations.ts';
import { addApply, addPlan, addShow } from './program/planning.ts';
import { addVerbs } from './program/verbs.ts';
import { addWatching } from './program/watching.ts';
import { commandIn, splitVerb, VERBS } from './verb-argv.ts';

/** How a command ended. */
export interface Ended {
  readonly exitCode: number;
  /** True where the code says what became of the server, rather than of what was printed. */
  readonly isRun: boolean;
}

/** Parses the command line and runs the command it names. Each command is loaded only when it is run. */
export async function runProgram(
  argv: readonly string[],
  { version, printer }: { readonly version: string; readonly printer: Printer },
): Promise<Ended> {
  let exitCode = 0;
  let isRun = false;
  const { options, words } = splitVerb(argv);
  const end: End = (code) => {
    exitCode = code;
  };
  const program = createProgram(version, { end, options, words, printer }).hook(
    'preAction',
    (_, command) => {
      isRun = RUNS.has(command.name());
    },
  );
  try {
    await program.parseAsync(options, { from: 'user' });
  } catch (thrown) {
    if (!(thrown instanceof CommanderError)) throw thrown;
    return { exitCode: thrown.exitCode === 0 ? 0 : EXIT_CODE.usage, isRun };
  }
  return { exitCode, isRun };
}

const RUNS: ReadonlySet<string> = new Set(['apply', 'rollback', 'watch']);

interface Wiring {
  readonly end: End;
  /** What commander is to read. */
  readonly options: readonly string[];
  /** Of one of the old tool's verbs. */
  readonly words: readonly string[];
  readonly printer: Printer;
}

function createProgram(version: string, { end, options, words, printer }: Wiring): Command {
  const program = new Command('bootstrap')
    .description('Keeps a server at the state that a file declares.')
    .version(version)
    .option('--root <dir>', 'the folder in which the server lives', '/')
    .option(
      '--config <file>',
      'bootstrap.ini, where it is not /etc/bootstrap/bootstrap.ini under the root',
    )
    .option(
      '--format <format>',
      'how to print: text or json; plan and show also markdown, mermaid and github, validate also github, report html, markdown and junit',
      'text',
    )
    .option('--no-color', 'plain text on a terminal too')
    .option('-q, --quiet', 'only warnings and errors', false)
    .option('-v, --verbose', 'all values, and how to undo', false)
    .showSuggestionAfterError()
    .showHelpAfterError('(bootstrap --help shows the commands)')
    .configureOutput({ writeOut: printer.out, writeErr: printer.err })
    .setOptionValueWithSource('printer', printer, 'implied')
    .exitOverride()
    .hook('preAction', async (_, command) => {
      refuseFormat(command);
      refuseEmptyPath(command);
      await tellSuspension(command);
    });
  const named = commandIn(options) ?? '';
  const add = OFTEN.get(named);
  if (add !== undefined) add(program, end);
  else if (VERBS.has(named)) addVerbs(program, end, words);
  else addAll(program, { end, words });
  for (const command of program.commands) command.exitOverride();
  return program;
}

// What pipelines and scripts run all day is put together without the others: to describe all commands takes longer than a plan.
const OFTEN: ReadonlyMap<string, (program: Command, end: End) => void> = new Map([
  ['plan', addPlan],
  ['apply', addApply],
  ['status', addLooks],
  ['drift', addLooks],
  ['heartbeat', addLooks],
  ['validate', addLooks],
  ['watch', addWatching],
]);

function addAll(program: Command, { end, words }: Pick<Wiring, 'end' | 'words'>): void {
  for (const add of [
    addPlan,
    addShow,
    addApply,
    addWatching,
    addLooks,
    addFirstSteps,
    addOperations,
  ])
    add(program, end);
  addVerbs(program, end, words);
  addCompleting(program, end);
}

// These say it themselves, or do not look at a server.
const SILENT: ReadonlySet<string> = new Set([
  'apply',
  'completion',
  'exit-codes',
  'explain',
  'init',
  'resume',
  'rollback',
  'status',
  'suspend',
  'watch',
]);

async function tellSuspension(command: Command): Promise<void> {
  if (SILENT.has(command.name()) || VERBS.has(command.name())) return;
  const options = command.optsWithGlobals<GlobalOptions>();
  if (!mayBeThere(layoutOf(resolve(options.root)).suspension)) return;
  const { tellSuspension: tell } = await import('./tell-suspension.ts');
  tell(options);
}

function refuseFormat(command: Command): void {
  const { format } = command.optsWithGlobals<GlobalOptions>();
  const allowed = formatsOf(command);
  if (allowed.includes(format)) return;
  command.error(
    `error: option '--format <format>' argument '${format}' is invalid. Allowed choices are ${allowed.join(', ')}.`,
  );
}

// What a script left empty (`--root "$ROOT"`) would come to mean the folder it is run in.
function refuseEmptyPath(command: Command): void {
  const values = command.optsWithGlobals<Readonly<Record<string, unknown>>>();
  const options = [command, command.parent, command.parent?.parent].flatMap(
    (each) => each?.options ?? [],
  );
  for (const option of options.filter(({ flags }) => /<(?:file|dir)>/.test(flags)))
    if ([values[option.attributeName()]].flat().includes(''))
      command.error(`error: option '${option.flags}' argument is empty`);
  for (const [index, argument] of command.registeredArguments.entries())
    if (/^(?:planfile|dir)$/.test(argument.name()) && command.args[index] === '')
      command.error(`error: command-argument '${argument.name()}' is empty`);
}
