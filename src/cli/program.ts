import { Command, CommanderError, Option } from 'commander';
import { EXIT_CODE } from '../model/failure.ts';
import type {
  ApplyOptions,
  DesiredOptions,
  ExportOptions,
  GlobalOptions,
  PlanOptions,
} from './options.ts';

/** Parses the command line and runs the command it names; returns the exit code. Each command is loaded only when it is run. */
export async function runProgram(argv: readonly string[], version: string): Promise<number> {
  let exitCode = 0;
  const program = createProgram(version, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync(argv, { from: 'user' });
  } catch (thrown) {
    if (!(thrown instanceof CommanderError)) throw thrown;
    return thrown.exitCode === 0 ? 0 : EXIT_CODE.usage;
  }
  return exitCode;
}

type End = (exitCode: number) => void;

function createProgram(version: string, end: End): Command {
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
      'how to print: text or json; plan and validate also github',
      'text',
    )
    .option('--no-color', 'plain text on a terminal too')
    .option('-q, --quiet', 'only warnings and errors', false)
    .option('-v, --verbose', 'all values, and how to undo', false)
    .showSuggestionAfterError()
    .showHelpAfterError('(bootstrap --help shows the commands)')
    .exitOverride()
    .hook('preAction', (_, command) => refuseFormat(command));
  addPlan(program, end);
  addApply(program, end);
  addLooks(program, end);
  addFirstSteps(program, end);
  for (const command of program.commands) command.exitOverride();
  return program;
}

const FORMATS: readonly string[] = ['text', 'json'];
// What single commands can print beside those.
const MORE_FORMATS: Readonly<Record<string, readonly string[]>> = {
  plan: ['github'],
  validate: ['github'],
};

function refuseFormat(command: Command): void {
  const { format } = command.optsWithGlobals<GlobalOptions>();
  const allowed = [...FORMATS, ...(MORE_FORMATS[command.name()] ?? [])];
  if (allowed.includes(format)) return;
  command.error(
    `error: option '--format <format>' argument '${format}' is invalid. Allowed choices are ${allowed.join(', ')}.`,
  );
}

function desired(command: Command): Command {
  return command.option(
    '-f, --file <file>',
    'desired state (default: $BOOTSTRAP_FILE, ./desired-state.yaml, /etc/bootstrap/desired-state.yaml)',
    collect,
    [],
  );
}

function planning(command: Command): Command {
  return desired(command)
    .option(
      '--detailed-exitcode',
      'exit 2 when changes are pending (plan) or were made (apply)',
      false,
    )
    .option('--allow-downgrade <product>', 'let this product go to an older version', collect, [])
    .option('--max-changes <n>', 'allow so many actions, over policy.maxChanges');
}

function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}

function addPlan(program: Command, end: End): void {
  planning(
    program.command('plan').description('show what an apply would do; changes nothing'),
  ).action(async (_, command: Command) => {
    const { plan } = await import('./commands/plan.ts');
    end(await plan(command.optsWithGlobals<PlanOptions>()));
  });
}

function addApply(program: Command, end: End): void {
  planning(
    program.command('apply').description('bring the server to its desired state, and verify it'),
  )
    .option('-y, --yes', 'do not ask', false)
    .option('--lock-timeout <duration>', 'wait so long for another run to end', '0s')
    .option('--parallelism <n>', 'so many independent steps at a time', '4')
    .addOption(
      new Option(
        '--on-failure <policy>',
        'what to do when a step fails, over policy.onFailure',
      ).choices(['rollback', 'stop', 'continue']),
    )
    .option('--timeout <duration>', 'stop the whole run after so long', '1h')
    .action(async (_, command: Command) => {
      const { apply } = await import('./commands/apply.ts');
      end(await apply(command.optsWithGlobals<ApplyOptions>()));
    });
}

function addLooks(program: Command, end: End): void {
  desired(program.command('status').description('what is: versions, sync, health, conditions'))
    .argument('[product]', 'only this product')
    .action(async (product: string | undefined, _, command: Command) => {
      const { status } = await import('./commands/status.ts');
      end(await status(command.optsWithGlobals<DesiredOptions>(), product));
    });
  desired(
    program
      .command('heartbeat')
      .description('look once at every heartbeat; exit 1 when one does not pass'),
  )
    .argument('[product]', 'only this product')
    .action(async (product: string | undefined, _, command: Command) => {
      const { heartbeat } = await import('./commands/heartbeat.ts');
      end(await heartbeat(command.optsWithGlobals<DesiredOptions>(), product));
    });
  desired(
    program.command('validate').description('check the desired state and bootstrap.ini'),
  ).action(async (_, command: Command) => {
    const { validate } = await import('./commands/validate.ts');
    end(await validate(command.optsWithGlobals<DesiredOptions>()));
  });
  program
    .command('explain')
    .description('what a field of the desired state means, or a code that a message shows')
    .argument('[path-or-code]', 'such as products.haproxy.version; left out: which there are')
    .action(async (name: string | undefined, _, command: Command) => {
      const { explain } = await import('./commands/explain.ts');
      end(explain(command.optsWithGlobals<GlobalOptions>(), name));
    });
  program
    .command('exit-codes')
    .description('what each exit code means')
    .action(async (_, command: Command) => {
      const { exitCodes } = await import('./commands/exit-codes.ts');
      end(exitCodes(command.optsWithGlobals<GlobalOptions>()));
    });
}

function addFirstSteps(program: Command, end: End): void {
  program
    .command('export')
    .description('write a desired state of what is on the server; planning it shows no change')
    .option('-o, --output <file>', 'where to; - is stdout', '-')
    .option('--force', 'write over a file that is there', false)
    .action(async (_, command: Command) => {
      const { exportCommand } = await import('./commands/export.ts');
      end(await exportCommand(command.optsWithGlobals<ExportOptions>()));
    });
  program
    .command('init')
    .description('write a first bootstrap.ini and desired-state.yaml')
    .argument('[dir]', 'the folder for desired-state.yaml (default: /etc/bootstrap under the root)')
    .action(async (dir: string | undefined, _, command: Command) => {
      const { init } = await import('./commands/init.ts');
      end(init(command.optsWithGlobals<GlobalOptions>(), dir));
    });
}
