const { createRequire } = require('node:module');
const { join, sep } = require('node:path');
const { compileFunction } = require('node:vm');
const { default: Runtime } = require('jest-runtime');

const ROOT = join(__dirname, '..', '..', '..') + sep;
const TESTS = join(ROOT, 'test') + sep;

/** The runtime of the test file that runs now: a jest worker runs one after the other. */
let current;

/** Where jest keeps the source map of each file: those of shared files are for the stack traces of all test files. */
const sourceMaps = new Map();

require.extensions['.ts'] = (module, filename) => {
  module._compile(current.transformCache.transform(filename), filename);
};

/**
 * Loads what is tested, and the packages of `node_modules`, once for all test files of a jest worker, by Node's own
 * `require`. Jest itself loads each module anew for each test file, which took most of the processor time of this project's
 * tests: Temporal's SDK, undici and zod are some 900 modules, and the project has 500. It is possible since the modules of
 * this project keep no state of their own. The modules of `test/` are loaded anew for each file. Needs
 * `process-environment.js`.
 */
class SharedModulesRuntime extends Runtime {
  constructor(...args) {
    super(...args);
    this.requires = new Map();
    this.transformCache.sourceMaps = sourceMaps;
    current = this;
    const { executor } = this;
    // Jest compiles for the global object of its environment; without one of its own, that is the process's.
    executor.compile = (source, filename) => compileFunction(source, executor.injectedModuleParameters, { filename });
  }

  requireModuleOrMock(from, name) {
    if (name === '@jest/globals') return super.requireModuleOrMock(from, name);
    let nodeRequire = this.requires.get(from);
    if (nodeRequire === undefined) {
      nodeRequire = createRequire(from);
      this.requires.set(from, nodeRequire);
    }
    return isShared(nodeRequire, name) ? nodeRequire(name) : super.requireModuleOrMock(from, name);
  }
}

function isShared(nodeRequire, name) {
  try {
    const file = nodeRequire.resolve(name);
    return file.startsWith(ROOT) && !file.startsWith(TESTS);
  } catch {
    return false; // jest finds it in another way, or says why it cannot
  }
}

module.exports = SharedModulesRuntime;
