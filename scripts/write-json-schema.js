// Writes the JSON Schemas of documents and of what workflows take and return, and docs/configuration.md from the schemas that check them, and docs/cli.md from the
// commands. Run it after `npm run build` when they change; a test fails while the files are out of date.
const { mkdirSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { createProgram } = require('../dist/cli/program.js');
const { cliPage } = require('../dist/cli/reference-page.js');
const { processTerminal } = require('../dist/cli/render/terminal.js');
const { configurationPage } = require('../dist/src/configuration/reference-page.js');
const { jsonSchemaFiles } = require('../dist/src/documents/json-schema.js');

const files = {
  ...jsonSchemaFiles(),
  'docs/configuration.md': configurationPage(),
  'docs/cli.md': cliPage(createProgram({ terminal: processTerminal() })),
};
mkdirSync(join(__dirname, '..', 'schemas'), { recursive: true });
for (const [name, text] of Object.entries(files)) writeFileSync(join(__dirname, '..', name), text);
