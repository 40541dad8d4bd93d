// Writes the JSON Schemas of documents and docs/configuration.md from the schemas that check them. Run it after
// `npm run build` when they change; a test fails while the files are out of date.
const { writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { configurationPage } = require('../dist/src/configuration/reference-page.js');
const { jsonSchemaFiles } = require('../dist/src/documents/json-schema.js');

const files = { ...jsonSchemaFiles(), 'docs/configuration.md': configurationPage() };
for (const [name, text] of Object.entries(files)) writeFileSync(join(__dirname, '..', name), text);
