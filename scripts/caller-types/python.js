const { callerRecords, commentLines, descriptionOf } = require('./schema-types.js');

const KEYWORDS = ['from'];
const SCALARS = { text: 'str', whole: 'int', yesNo: 'bool', any: 'Any' };

const HEAD = `"""The types of what the workflows of temporal-airbyte take, return and report.

\`npm run schema\` writes this file from the JSON Schemas of the package. The values are plain dicts, named as in the JSON. A key of a
\`NotRequired\` field may be left out. Results may have more keys, and choices more values, in later releases.
"""

from typing import Any, Literal

from typing_extensions import NotRequired, TypedDict
`;

/** The module of Python that has the types. */
function pythonTypes() {
  return (
    HEAD +
    callerRecords()
      .map((record) => `\n\n${pythonRecord(record)}`)
      .join('')
  );
}

function pythonRecord({ name, direction, fields }) {
  const types = fields.map((field) => {
    const type = `${pythonType(field.form, direction)}${field.isNullable ? ' | None' : ''}`;
    return { ...field, type: field.isRequired ? type : `NotRequired[${type}]` };
  });
  if (fields.some((field) => KEYWORDS.includes(field.name))) {
    const keys = types.map((field) => `${comment(field)}    "${field.name}": ${field.type},\n`);
    return `${name} = TypedDict("${name}", {\n${keys.join('')}})\n`;
  }
  const attributes = types.map((field) => `${comment(field)}    ${field.name}: ${field.type}\n`);
  return `class ${name}(TypedDict):\n${attributes.join('')}`;
}

const comment = (field) => commentLines(descriptionOf(field), '    # ');

function pythonType(form, direction) {
  if (form.is === 'list') return `list[${pythonType(form.of, direction)}]`;
  if (form.is === 'map') return `dict[str, ${pythonType(form.of, direction)}]`;
  if (form.is === 'record') return form.name;
  if (form.is === 'either') return form.of.map((each) => pythonType(each, direction)).join(' | ');
  if (form.is !== 'choice') return SCALARS[form.is];
  return direction === 'sent' ? `Literal[${form.of.map((value) => JSON.stringify(value)).join(', ')}]` : 'str';
}

module.exports = { pythonTypes };
