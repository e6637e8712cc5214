import { BUG_EXIT_CODE } from '../model/failure.ts';

declare const __VERSION__: string;

// Asked by scripts all day: answered before anything else is loaded.
async function main(argv: readonly string[]): Promise<number> {
  if (argv.length === 1 && argv[0] === '--version') {
    process.stdout.write(`${__VERSION__}\n`);
    return 0;
  }
  const { runProgram } = await import('./program.ts');
  return await runProgram(argv, __VERSION__);
}

// `bootstrap plan | head` closes the pipe early: that is the reader's choice, not a bug.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

// Files that scripts and we make are readable by all and writable by their owner, whatever shell started us.
process.umask(0o022);

// What goes to a pipe may still be on its way, and would be cut off at what a pipe holds: 64 KiB (pipe(7)).
function exitOncePrinted(exitCode: number): void {
  process.stdout.write('', () => process.exit(exitCode));
}

main(process.argv.slice(2)).then(exitOncePrinted, (thrown: unknown) => {
  const what = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
  process.stderr.write(
    `bug in bootstrap ${__VERSION__}, please report it with this text:\n${what}\n`,
  );
  process.exit(BUG_EXIT_CODE);
});
