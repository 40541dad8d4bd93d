// Writes pipeline.schema.json and fleet.schema.json from the schemas that documents are checked with. Run it after
// `npm run build` whenever those have changed; a test fails while the files are behind.
const { writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { jsonSchemaFiles } = require('../dist/src/documents/json-schema.js');

for (const [name, text] of Object.entries(jsonSchemaFiles())) writeFileSync(join(__dirname, '..', name), text);
