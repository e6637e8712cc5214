import { Option, type Command } from 'commander';

/** Takes the exit code of the command that was run. */
export type End = (exitCode: number) => void;

/** A command that reads a desired state. */
export function withDesired(command: Command): Command {
  return command.option(
    '-f, --file <file>',
    'desired state (default: $BOOTSTRAP_FILE, ./desired-state.yaml, /etc/bootstrap/desired-state.yaml)',
    collect,
    [],
  );
}

/** A command that plans, and so takes choices. */
export function withChoices(command: Command): Command {
  return command
    .option('--only <product>', 'only this product, and what it depends on', collect, [])
    .option('--exclude <product>', 'not this product, nor what depends on it', collect, [])
    .option('--redo <product>', 'do its steps once more, though nothing differs', collect, [])
    .option('--allow-downgrade <product>', 'let this product go to an older version', collect, [])
    .option('--allow-remove <product>', 'let this product be removed', collect, [])
    .option('--max-changes <n>', 'allow so many actions, over policy.maxChanges');
}

/** A command that says by its exit code whether anything changes. */
export function withDetailedExitCode(command: Command): Command {
  return command.option(
    '--detailed-exitcode',
    'exit 2 when changes are pending (plan, drift) or were made (apply)',
    false,
  );
}

/** A command that changes the server, within limits. */
export function withLimits(command: Command): Command {
  return withRunLimits(
    command
      .option('-y, --yes', 'do not ask', false)
      .option('--lock-timeout <duration>', 'wait so long for another run to end', '0s'),
  );
}

/** What holds for each run, whoever begins it. */
export function withRunLimits(command: Command): Command {
  return command
    .option(
      '--parallelism <n>',
      'so many independent steps at a time, those aside that only write',
      '4',
    )
    .addOption(
      new Option(
        '--on-failure <policy>',
        'what to do when a step fails, over policy.onFailure',
      ).choices(['rollback', 'stop', 'continue']),
    )
    .option('--timeout <duration>', 'stop the whole run after so long', '1h')
    .option('--metrics-file <file>', 'write metrics there after each run, for node-exporter');
}

/** An option that may be given more than once. */
export function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}
