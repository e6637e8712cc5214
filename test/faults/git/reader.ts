// A process that reads from git once, as `watch` does, and prints what came of it; to be killed.
import { lookAt, seen } from '../../source/repository.ts';

async function main([url = '', root = '']: readonly string[]): Promise<void> {
  console.log(JSON.stringify(seen(await lookAt({ url, root }))));
}

main(process.argv.slice(2)).catch((thrown: unknown) => {
  console.error(thrown);
  process.exitCode = 1;
});
