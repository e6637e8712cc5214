// Follows one file and says on stdout what it holds, and what it is told of. Bundled by the test, which runs it where nothing can be
// watched:  follower PATH   until stdin ends
import { createNodeHost } from '../../../src/host/node-host.ts';
import { hostPath } from '../../../src/model/ids.ts';
import type { Snapshot } from '../../../src/model/source.ts';
import { openFileSource } from '../../../src/source/file-source.ts';

const [, , file = ''] = process.argv;
const path = hostPath('', file);
const ending = new AbortController();
process.stdin.on('end', () => ending.abort()).resume();

const say = ({ texts }: Snapshot): void => {
  const text = texts.get(path);
  console.log(text?.kind === 'known' ? text.value : `(${text?.kind})`);
};

const source = openFileSource(createNodeHost(), [{ shown: file, path }], {
  signal: ending.signal,
  onChange: say,
});
source
  .read()
  .then(say)
  .then(() => source.ended)
  .then(
    () => console.log('ended'),
    (thrown: unknown) => {
      console.error(thrown);
      process.exitCode = 1;
    },
  );
