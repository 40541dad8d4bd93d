// Writes pipeline.schema.json from the schema that documents are checked with. Run it after `npm run build` whenever
// that has changed; a test fails while the file is behind.
const { writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { pipelineJsonSchemaText } = require('../dist/src/pipeline/json-schema.js');

writeFileSync(join(__dirname, '..', 'pipeline.schema.json'), pipelineJsonSchemaText());
