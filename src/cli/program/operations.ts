import type { Command } from 'commander';
import type {
  DesiredOptions,
  DoctorOptions,
  GlobalOptions,
  LockBreakOptions,
  RunOptions,
  SuspendOptions,
  TrustResetOptions,
} from '../options.ts';
import { withDesired, withDetailedExitCode, withLimits, type End } from './flags.ts';

/** Commands for when something is in the way. */
export function addOperations(program: Command, end: End): void {
  withDesired(
    program.command('doctor').description('what is wrong with this server and its records'),
  )
    .option('--fix', 'set damaged files aside, so that the next apply goes on', false)
    .action(async (_, command: Command) => {
      const { doctor } = await import('../commands/doctor.ts');
      end(await doctor(command.optsWithGlobals<DoctorOptions>()));
    });
  addPast(program, end);
  addSuspending(program, end);
  addCallbacks(program, end);
  const lock = program.command('lock').description('who holds the lock, and how to free it');
  lock
    .command('show')
    .description('who holds the lock, and whether that process lives; takes no lock')
    .action(async (_, command: Command) => {
      const { lockShow } = await import('../commands/lock.ts');
      end(lockShow(command.optsWithGlobals<GlobalOptions>()));
    });
  lock
    .command('break')
    .description('free the lock from a holder that is dead; a living one is left alone')
    .option('--kill', 'end a living holder first: SIGTERM, after 10s SIGKILL', false)
    .action(async (_, command: Command) => {
      const { lockBreak } = await import('../commands/lock.ts');
      end(await lockBreak(command.optsWithGlobals<LockBreakOptions>()));
    });
  addTrust(program, end);
}

function addTrust(program: Command, end: End): void {
  program
    .command('trust')
    .description('which commit everything that is read from git has to follow')
    .command('reset')
    .description('set it by hand, and forget the serial: after history was rewritten on purpose')
    .requiredOption('--to <commit>', 'the whole id of the commit')
    .action(async (_, command: Command) => {
      const { trustReset } = await import('../commands/trust.ts');
      end(await trustReset(command.optsWithGlobals<TrustResetOptions>()));
    });
}

function addSuspending(program: Command, end: End): void {
  program
    .command('suspend')
    .description('let nothing be changed on this server for now; a run under way goes on')
    .requiredOption('--reason <text>', 'why, for whoever wonders')
    .option('--until <time>', 'when it ends by itself: 2h, or 2026-12-24T08:00:00Z')
    .action(async (_, command: Command) => {
      const { suspend } = await import('../commands/suspend.ts');
      end(suspend(command.optsWithGlobals<SuspendOptions>()));
    });
  program
    .command('resume')
    .description('end a suspension')
    .action(async (_, command: Command) => {
      const { resume } = await import('../commands/suspend.ts');
      end(resume(command.optsWithGlobals<GlobalOptions>()));
    });
}

function addCallbacks(program: Command, end: End): void {
  const callback = program
    .command('callback')
    .description('what receivers are told of runs, and what became of it');
  callback
    .command('list')
    .description('what waits, what was given up, and what was delivered last')
    .action(async (_, command: Command) => {
      const { callbackList } = await import('../commands/callback.ts');
      end(callbackList(command.optsWithGlobals<GlobalOptions>()));
    });
  callback
    .command('show')
    .description('one event as it is sent, and what became of it')
    .argument('<id>', 'its id, or enough of its beginning or end')
    .action(async (id: string, _, command: Command) => {
      const { callbackShow } = await import('../commands/callback.ts');
      end(callbackShow(command.optsWithGlobals<GlobalOptions>(), id));
    });
  callback
    .command('replay')
    .description('send an event once more, or everything that was not delivered')
    .argument('[id]', 'its id, or enough of its beginning or end')
    .action(async (id: string | undefined, _, command: Command) => {
      const { callbackReplay } = await import('../commands/callback.ts');
      end(await callbackReplay(command.optsWithGlobals<GlobalOptions>(), id));
    });
}

const RUN_ARGUMENT = 'its id, enough of its beginning or end, or last';

function addPast(program: Command, end: End): void {
  const history = program
    .command('history')
    .description('the runs that changed anything, and the generations to go back to')
    .action(async (_, command: Command) => {
      const { history: show } = await import('../commands/history.ts');
      end(show(command.optsWithGlobals<GlobalOptions>()));
    });
  history
    .command('show')
    .description('one run: a verdict an action, and what failed')
    .argument('<run>', RUN_ARGUMENT)
    .action(async (run: string, _, command: Command) => {
      const { historyShow } = await import('../commands/history.ts');
      end(historyShow(command.optsWithGlobals<GlobalOptions>(), run));
    });
  program
    .command('report')
    .description('one run as a file of its own: --format html, markdown or junit')
    .argument('<run>', RUN_ARGUMENT)
    .action(async (run: string, _, command: Command) => {
      const { report } = await import('../commands/report.ts');
      end(report(command.optsWithGlobals<GlobalOptions>(), run));
    });
  const rollingBack = program
    .command('rollback')
    .description('go back to a good generation; the desired state of now is then not tried again')
    .argument(
      '[generation]',
      'its number; left out: the newest good one that is not what is wished now',
    );
  withLimits(withDetailedExitCode(withDesired(rollingBack))).action(
    async (generation: string | undefined, _, command: Command) => {
      const { rollback } = await import('../commands/rollback.ts');
      end(await rollback(command.optsWithGlobals<RunOptions>(), generation));
    },
  );
  addTrial(program, end);
}

function addTrial(program: Command, end: End): void {
  program
    .command('confirm')
    .description('keep what is on trial (apply --confirm-within)')
    .action(async (_, command: Command) => {
      const { confirm } = await import('../commands/confirm.ts');
      end(await confirm(command.optsWithGlobals<GlobalOptions>()));
    });
  withDesired(program.command('trial-guard', { hidden: true })).action(
    async (_, command: Command) => {
      const { trialGuard } = await import('../commands/trial-guard.ts');
      end(await trialGuard(command.optsWithGlobals<DesiredOptions>()));
    },
  );
}
