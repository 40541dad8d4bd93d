// Writes the types of the callers in `examples/` from the JSON Schemas. A test fails while they are out of date.
const { mkdirSync, writeFileSync } = require('node:fs');
const { dirname, join } = require('node:path');
const { goTypes } = require('./caller-types/go.js');
const { javaTypes } = require('./caller-types/java.js');
const { pythonTypes } = require('./caller-types/python.js');

const [, , folder = join(__dirname, '..', 'examples')] = process.argv;

const files = {
  'python/airbyte_types.py': pythonTypes(),
  'go/airbyte/types.go': goTypes(),
  'java/src/main/java/airbyte/AirbyteTypes.java': javaTypes(),
};
for (const [name, text] of Object.entries(files)) {
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  writeFileSync(join(folder, name), text);
}
