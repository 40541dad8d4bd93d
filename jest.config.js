const { availableParallelism } = require('node:os');

/** @type {import('jest').Config} */
module.exports = {
  // Together these two load what is tested, and each package, once for all test files of a worker.
  testEnvironment: '<rootDir>/test/support/jest/process-environment.js',
  runtime: '<rootDir>/test/support/jest/shared-modules-runtime.js',
  testSequencer: '<rootDir>/test/support/jest/units-last-sequencer.js',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  // `npm test` leaves these out; `npm run test:all` and `npx jest FILE` run them, too.
  testPathIgnorePatterns: process.env.npm_lifecycle_event === 'test' ? ['\\.slow\\.test\\.ts$'] : [],
  transform: {
    '^.+\\.c?(t|j)s$': [
      '@swc/jest',
      {
        jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
        module: { type: 'commonjs' },
        sourceMaps: 'inline',
      },
    ],
  },
  // One Temporal server for every test file that wants one.
  globalSetup: '<rootDir>/test/support/global-setup.ts',
  globalTeardown: '<rootDir>/test/support/global-teardown.ts',
  // Most of these tests wait for timers and for other processes, so that a core can serve two of them.
  maxWorkers: 2 * availableParallelism(),
  testTimeout: 120_000,
};
