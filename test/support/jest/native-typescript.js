const { transformSync } = require('@swc/core');

/**
 * Lets Node's own `require` load the TypeScript of this project. Temporal's SDK loads a converter of failures by its path, and
 * packages are loaded by Node's `require`: see `shared-packages-runtime.js`.
 */
require.extensions['.ts'] ??= (module, filename) => {
  const { code } = transformSync(require('node:fs').readFileSync(filename, 'utf8'), {
    filename,
    jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
    module: { type: 'commonjs' },
  });
  module._compile(code, filename);
};
