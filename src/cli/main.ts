import { letGoOfTerminal } from '../host/lost-terminal.ts';
import { errorCode, errorWords } from '../host/system-error.ts';
import { BUG_EXIT_CODE } from '../model/failure.ts';

declare const __VERSION__: string;

const NO_FOLDER_EXIT_CODE = 64;
const UNPRINTED_EXIT_CODE = 1;

// Asked by scripts all day: answered before anything else is loaded.
async function main(argv: readonly string[]): Promise<number> {
  if (argv.length === 1 && argv[0] === '--version') {
    process.stdout.write(`${__VERSION__}\n`);
    return 0;
  }
  if (!hasFolder()) {
    process.stderr.write(
      'error: the folder that this was started in is not there any more\nfix: cd to one that is\n',
    );
    return NO_FOLDER_EXIT_CODE;
  }
  const { runProgram } = await import('./program.ts');
  const { exitCode, isRun } = await runProgram(argv, __VERSION__);
  return isRun || exitCode !== 0 ? exitCode : await afterPrinting();
}

// What a relative path means, nobody can say without it.
function hasFolder(): boolean {
  try {
    return process.cwd() !== '';
  } catch {
    return false;
  }
}

// Nothing that is printed may end a run half-way: whoever stops reading it, or fills the disk that it is kept on, asks for less
// output and for nothing else. `bootstrap plan | head` closes the pipe early: that is the reader's choice.
let unprinted: string | undefined;
let isTerminalGone = false;
process.stdout.on('error', (error) => {
  isTerminalGone ||= errorCode(error) === 'EIO';
  if (errorCode(error) === 'EPIPE' || unprinted !== undefined) return;
  unprinted = errorWords(error);
  process.stderr.write(`error: not all of it could be printed: ${unprinted}\n`);
});
// There is nobody left to tell.
process.stderr.on('error', (error) => {
  isTerminalGone ||= errorCode(error) === 'EIO';
});

// Half a plan or half an export must not pass for a whole one. Of a run the exit code says what became of the server, printed or not.
async function afterPrinting(): Promise<number> {
  await flushed();
  return unprinted === undefined ? 0 : UNPRINTED_EXIT_CODE;
}

// What goes to a pipe may still be on its way, and would be cut off at what a pipe holds: 64 KiB (pipe(7)). A write that failed is told
// some ticks after its callback.
async function flushed(): Promise<void> {
  await new Promise<void>((resolve) => {
    process.stdout.write('', () => setImmediate(resolve));
  });
}

// Files that scripts and we make are readable by all and writable by their owner, whatever shell started us.
process.umask(0o022);

main(process.argv.slice(2)).then(
  async (exitCode) => {
    await flushed();
    if (isTerminalGone) letGoOfTerminal();
    process.exit(exitCode);
  },
  (thrown: unknown) => {
    const what = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
    process.stderr.write(
      `bug in bootstrap ${__VERSION__}, please report it with this text:\n${what}\n`,
    );
    process.exit(BUG_EXIT_CODE);
  },
);
