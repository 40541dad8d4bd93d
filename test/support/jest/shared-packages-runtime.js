const { createRequire } = require('node:module');
const { compileFunction } = require('node:vm');
const { default: Runtime } = require('jest-runtime');

/**
 * Loads a package of `node_modules` once for all test files of a jest worker, by Node's own `require`. Jest itself loads each
 * package anew for each test file, which took a third of the processor time of this project's tests: Temporal's SDK, undici
 * and zod are some 900 modules. Modules of this project are still loaded anew for each file, so that no file sees the state
 * of another. Needs `process-environment.js`.
 */
class SharedPackagesRuntime extends Runtime {
  constructor(...args) {
    super(...args);
    this.untransformed = new RegExp(this._config.transformIgnorePatterns.join('|'));
    const { executor } = this;
    // Jest compiles for the global object of its environment; without one of its own, that is the process's.
    executor.compile = (source, filename) => compileFunction(source, executor.injectedModuleParameters, { filename });
  }

  requireModuleOrMock(from, name) {
    return this.isShared(from, name) ? createRequire(from)(name) : super.requireModuleOrMock(from, name);
  }

  /** Whether the module is one that jest does not transform. `@jest/globals` are those of the test file. */
  isShared(from, name) {
    if (/^[./]/.test(name) || name === '@jest/globals') return false;
    try {
      return this.untransformed.test(createRequire(from).resolve(name));
    } catch {
      return false; // jest finds it in another way, or says why it cannot
    }
  }
}

module.exports = SharedPackagesRuntime;
