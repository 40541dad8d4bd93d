const { ModernFakeTimers } = require('@jest/fake-timers');
const { ModuleMocker } = require('jest-mock');

/**
 * Runs test files in the realm of the jest worker's process, instead of giving each file a new global object as
 * `jest-environment-node` does. Only so can test files share the modules that one of them has loaded, since an `Error` or an
 * `Array` of one realm is no `Error` or `Array` in another: see `shared-modules-runtime.js`. What a test file changes of the
 * process, and what it mocks, is restored after it.
 */
class ProcessEnvironment {
  /** @param {import('@jest/environment').JestEnvironmentConfig} config */
  constructor({ projectConfig }) {
    this.global = globalThis;
    this.moduleMocker = new ModuleMocker(globalThis);
    this.fakeTimers = null;
    this.fakeTimersModern = new ModernFakeTimers({ config: projectConfig, global: globalThis });
    this.variables = { ...process.env };
    this.exit = process.exit;
    this.console = globalThis.console;
  }

  exportConditions() {
    return ['node', 'node-addons'];
  }

  getVmContext() {
    return null;
  }

  async setup() {}

  async teardown() {
    this.fakeTimersModern.dispose();
    this.moduleMocker.restoreAllMocks();
    for (const name of Object.keys(process.env)) if (!(name in this.variables)) delete process.env[name];
    Object.assign(process.env, this.variables);
    process.exit = this.exit;
    process.exitCode = undefined;
    globalThis.console = this.console;
  }
}

module.exports = ProcessEnvironment;
