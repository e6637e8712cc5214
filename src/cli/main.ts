import { letGoOfTerminal } from '../host/lost-terminal.ts';
import { createPrinter } from '../host/printer.ts';
import { BUG_EXIT_CODE } from '../model/failure.ts';

declare const __VERSION__: string;

const NO_FOLDER_EXIT_CODE = 64;
const UNPRINTED_EXIT_CODE = 1;

const printer = createPrinter();

// Asked by scripts all day: answered before anything else is loaded.
async function main(argv: readonly string[]): Promise<number> {
  if (argv.length === 1 && argv[0] === '--version') {
    printer.out(`${__VERSION__}\n`);
    return 0;
  }
  if (!hasFolder()) {
    printer.err(
      'error: the folder that this was started in is not there any more\nfix: cd to one that is\n',
    );
    return NO_FOLDER_EXIT_CODE;
  }
  const { runProgram } = await import('./program.ts');
  const { exitCode, isRun } = await runProgram(argv, { version: __VERSION__, printer });
  await printer.flushed();
  // Half a plan or half an export must not pass for a whole one. Of a run the exit code says what became of the server, printed or not.
  const isHalf = !isRun && exitCode === 0 && printer.unprinted() !== undefined;
  return isHalf ? UNPRINTED_EXIT_CODE : exitCode;
}

// What a relative path means, nobody can say without it.
function hasFolder(): boolean {
  try {
    return process.cwd() !== '';
  } catch {
    return false;
  }
}

// Files that scripts and we make are readable by all and writable by their owner, whatever shell started us.
process.umask(0o022);

main(process.argv.slice(2)).then(
  async (exitCode) => {
    await printer.flushed();
    if (printer.isTerminalGone()) letGoOfTerminal();
    process.exit(exitCode);
  },
  (thrown: unknown) => {
    const what = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
    printer.err(`bug in bootstrap ${__VERSION__}, please report it with this text:\n${what}\n`);
    process.exit(BUG_EXIT_CODE);
  },
);
