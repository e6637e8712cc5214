// The head of dist/bootstrap.cjs: chunks are compiled from V8's code cache where .build/code-cache.mjs left one.
// Compiling them anew costs as much as all the rest of a plan. V8 refuses a cache of another Node, and then compiles.
{
  const { readFileSync } = require('node:fs');
  const Module = module.constructor;
  const { dirname } = require('node:path');
  const { Script } = require('node:vm');

  const readCache = (filename) => {
    try {
      return readFileSync(`${filename}.cache`);
    } catch {
      return undefined;
    }
  };

  Module.prototype._compile = function compileFromCache(content, filename) {
    const script = new Script(Module.wrap(content), { filename, cachedData: readCache(filename) });
    globalThis.__compiledChunk?.(filename, script);
    const require = (id) => this.require(id);
    return script
      .runInThisContext()
      .call(this.exports, this.exports, require, this, filename, dirname(filename));
  };
}
