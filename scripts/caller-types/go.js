const { callerRecords, commentLines, descriptionOf } = require('./schema-types.js');

const SCALARS = { text: 'string', choice: 'string', whole: 'int64', yesNo: 'bool', any: 'any', either: 'any' };

const HEAD = `// Package airbyte has the types of what the workflows of temporal-airbyte take, return and report.
//
// \`npm run schema\` writes this file from the JSON Schemas of the package. A field that takes values of several types is \`any\`.
// Results may have more fields, and choices more values, in later releases.
package airbyte
`;

/** The package of Go that has the types, as gofmt formats it. */
function goTypes() {
  return (
    HEAD +
    callerRecords()
      .map((record) => `\n${goRecord(record)}`)
      .join('')
  );
}

function goRecord({ name, fields }) {
  const lines = fields.map((field) => {
    const isPointer = !['list', 'map', 'any', 'either'].includes(field.form.is) && isMaybeAbsent(field);
    const tag = `\`json:"${field.name}${field.isRequired ? '' : ',omitempty'}"\``;
    const type = `${isPointer ? '*' : ''}${goType(field.form)}`;
    return `${commentLines(descriptionOf(field), '\t// ')}\t${goName(field.name)} ${type} ${tag}\n`;
  });
  return `type ${name} struct {\n${lines.join('\n')}}\n`;
}

/** Whether null, or a missing field, means something else than the zero value of its type. Texts have no such fields. */
function isMaybeAbsent({ form, isRequired, isNullable }) {
  return isNullable || (!isRequired && form.is !== 'text' && form.is !== 'choice');
}

const goName = (name) => (name[0].toUpperCase() + name.slice(1)).replace(/(?:Id|Url)$/, (end) => end.toUpperCase());

function goType(form) {
  if (form.is === 'list') return `[]${goType(form.of)}`;
  if (form.is === 'map') return `map[string]${goType(form.of)}`;
  return form.is === 'record' ? form.name : SCALARS[form.is];
}

module.exports = { goTypes };
