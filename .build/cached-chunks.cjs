// The head of dist/bootstrap.cjs: loads its chunks, compiled from V8's code cache where .build/code-cache.mjs left one.
// Compiling them anew costs as much as all the rest of a plan. V8 refuses a cache of another Node, and then compiles; of a text it
// knows the length only.
{
  const { readdirSync, readFileSync } = require('node:fs');
  const { Script } = require('node:vm');
  const requireOther = require;
  const chunks = new Map();
  const held = new Map();

  const readChunk = (name) => readFileSync(`${__dirname}/${name}`, 'utf8');

  // For who runs on while another build takes the place of this one: all that it could still load is read, and not compiled. That
  // takes a millisecond or two. No command loads another one.
  globalThis.__holdChunks = () => {
    if (held.size > 0) return;
    try {
      for (const name of readdirSync(__dirname))
        if (/^chunk-(?!cli-commands-).*\.cjs$/.test(name)) held.set(name, readChunk(name));
    } catch {
      // What is gone already is missed by who asks for it, if anybody does.
    }
  };

  // What is there now may be the cache of another build.
  const readCache = (name) => {
    if (held.has(name)) return undefined;
    try {
      return readFileSync(`${__dirname}/${name}.cache`);
    } catch {
      return undefined;
    }
  };

  const compile = (name) => {
    const content = held.get(name) ?? readChunk(name);
    const script = new Script(`(function (module, exports, require) {${content}\n})`, {
      filename: name, // without a folder: the one that the cache was made in is none of who reads a stack
      cachedData: readCache(name),
    });
    globalThis.__compiledChunk?.(name, script);
    return script.runInThisContext();
  };

  // A chunk stands beside this file, whoever asks for it; Node would look for it as for any module.
  // eslint-disable-next-line no-global-assign
  require = (id) => {
    if (!id.startsWith('./')) return requireOther(id);
    const loaded = chunks.get(id);
    if (loaded !== undefined) return loaded.exports;
    const run = compile(id.slice('./'.length));
    const chunk = { exports: {} };
    chunks.set(id, chunk);
    run(chunk, chunk.exports, require);
    return chunk.exports;
  };
}
