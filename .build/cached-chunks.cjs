// The head of dist/bootstrap.cjs: loads its chunks, compiled from V8's code cache where .build/code-cache.mjs left one.
// Compiling them anew costs as much as all the rest of a plan. V8 refuses a cache of another Node, and then compiles.
{
  const { readdirSync, readFileSync } = require('node:fs');
  const { Script } = require('node:vm');
  const requireOther = require;
  const chunks = new Map();
  const held = new Map();

  const readChunk = (name) => readFileSync(`${__dirname}/${name}`, 'latin1');

  // For who runs on while another build takes the place of this one: all that it could still load is read, and not compiled. That
  // takes a millisecond or two. No command loads another one.
  globalThis.__holdChunks = () => {
    if (held.size > 0) return;
    for (const name of readdirSync(__dirname))
      if (/^chunk-(?!cli-commands-).*\.cjs$/.test(name)) held.set(name, readChunk(name));
  };

  const readCache = (filename) => {
    try {
      return readFileSync(`${filename}.cache`);
    } catch {
      return undefined;
    }
  };

  const compile = (name) => {
    const filename = `${__dirname}/${name}`;
    const content = held.get(name) ?? readChunk(name);
    const script = new Script(`(function (module, exports, require) {${content}\n})`, {
      filename,
      cachedData: readCache(filename),
    });
    globalThis.__compiledChunk?.(filename, script);
    return script.runInThisContext();
  };

  // A chunk stands beside this file, whoever asks for it; Node would look for it as for any module.
  // eslint-disable-next-line no-global-assign
  require = (id) => {
    if (!id.startsWith('./')) return requireOther(id);
    let chunk = chunks.get(id);
    if (chunk === undefined) {
      chunk = { exports: {} };
      chunks.set(id, chunk);
      compile(id.slice('./'.length))(chunk, chunk.exports, require);
    }
    return chunk.exports;
  };
}
