#!/usr/bin/env node
const { setFlagsFromString } = require('node:v8');
const { engines } = require('../package.json');

const [major, minor] = engines.node.match(/\d+/g).map(Number);
const [ownMajor, ownMinor] = process.versions.node.split('.').map(Number);
if (ownMajor < major || (ownMajor === major && ownMinor < minor)) {
  process.stderr.write(
    `temporal-airbyte needs Node.js ${major}.${minor} or later, and this is ${process.versions.node}. Install a current version: https://nodejs.org/\n`,
  );
  process.exitCode = 2;
} else {
  setV8Options();
  require('../dist/cli/main.js');
}

/**
 * A worker has nothing to do for most of its time, and most of its code runs once for each sync. The defaults of V8 suit other
 * programs: with a hundred syncs they take a fifth more processor time. They have to be set before modules are loaded.
 */
function setV8Options() {
  // By default V8 collects all garbage twice whenever a program has been idle for eight seconds. The first option is for the
  // thread of the workflows, which begins later, the second for this thread, in milliseconds.
  setFlagsFromString('--no-memory-reducer');
  setFlagsFromString('--gc-memory-reducer-start-delay-ms=300000');
  // V8 optimizes a function once it has run for so many bytes of its code, by default a seventh of this. Later versions of
  // Node.js have other options for it.
  if (ownMajor === 20) setFlagsFromString('--interrupt-budget=500000');
}
