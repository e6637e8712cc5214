import { Argument, type Command } from 'commander';
import { DESIRED_MODES } from '../../model/mode.ts';
import type { DesiredOptions } from '../options.ts';
import type { End } from './flags.ts';

/** Carries out a verb, given the words behind it; resolves to the exit code. */
type Carry = (options: DesiredOptions, words: readonly string[]) => Promise<number>;

/** The verbs of the old tool (CONTRACT 7); `words` stand behind the verb of this command line, in their places. */
export function addVerbs(program: Command, end: End, words: readonly string[]): void {
  const add = (command: Command, carry: Carry): void => {
    command
      .option(
        '-f, --file <file>',
        'desired state (default: $BOOTSTRAP_FILE, /etc/bootstrap/desired-state.yaml)',
        collect,
        [],
      )
      .helpGroup("The old tool's verbs:")
      .action(async () => end(await carry(command.optsWithGlobals(), words)));
  };
  addProductVerbs(program, add);
  addServerVerbs(program, add);
}

type Add = (command: Command, carry: Carry) => void;

function addProductVerbs(program: Command, add: Add): void {
  const load = async (): Promise<typeof import('../commands/product.ts')> =>
    await import('../commands/product.ts');
  add(
    program
      .command('product.set')
      .usage('PRODUCT KEY VALUE')
      .description(
        'record a version, a repository or a setting, for the next provision, upgrade or apply',
      ),
    async (options, words) => await (await load()).productSet(options, words),
  );
  add(
    program.command('product.get').usage('PRODUCT KEY').description('a recorded value, bare'),
    async (options, words) => await (await load()).productGet(options, words),
  );
  add(
    program.command('product.list').usage('').description('the products, a line each'),
    async (options, words) => await (await load()).productList(options, words),
  );
  add(
    program
      .command('product.upgrade')
      .usage('PRODUCT REVISION [CALLBACK]')
      .description('bring one product to a version'),
    async (options, words) => await (await load()).productUpgrade(options, words),
  );
  add(
    program
      .command('product.test')
      .usage('PRODUCT TEST')
      .description("run the product's test-script"),
    async (options, words) => await (await load()).productTest(options, words),
  );
}

function addServerVerbs(program: Command, add: Add): void {
  const load = async (): Promise<typeof import('../commands/server.ts')> =>
    await import('../commands/server.ts');
  add(
    program.command('server.get').usage('KEY').description('a key of [bootstrap], or server-mode'),
    async (options, words) => await (await load()).serverGet(options, words),
  );
  add(
    program
      .command('server.set')
      .usage('KEY VALUE')
      .description('set server-mode; all else is read only'),
    async (options, words) => await (await load()).serverSet(options, words),
  );
  add(
    program
      .command('server.mode')
      // Its words never reach commander: this is for completion.
      .addArgument(new Argument('[mode]').choices(DESIRED_MODES))
      .usage('[MODE] [CALLBACK]')
      .description('print the mode, or change it: idle or production'),
    async (options, words) => await (await load()).serverMode(options, words),
  );
  add(
    program
      .command('server.provision')
      .usage('[CALLBACK]')
      .description('bring every product to its recorded version, and the server to idle'),
    async (options, words) => await (await load()).serverProvision(options, words),
  );
  add(
    program
      .command('heartbeat.get')
      .usage('')
      .description('1 where every heartbeat passes, else 0'),
    async (options, words) => {
      const { heartbeatGet } = await import('../commands/heartbeat-get.ts');
      return await heartbeatGet(options, words);
    },
  );
}

function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}
