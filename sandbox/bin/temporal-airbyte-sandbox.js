#!/usr/bin/env node
const { engines } = require('../package.json');

const [major, minor] = engines.node.match(/\d+/g).map(Number);
const [ownMajor, ownMinor] = process.versions.node.split('.').map(Number);
if (ownMajor < major || (ownMajor === major && ownMinor < minor)) {
  process.stderr.write(
    `temporal-airbyte-sandbox needs Node.js ${major}.${minor} or later, and this is ${process.versions.node}. Install a current version: https://nodejs.org/\n`,
  );
  process.exitCode = 2;
} else {
  require('../dist/main.js');
}
