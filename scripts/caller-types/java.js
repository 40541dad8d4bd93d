const { callerRecords, commentLines, descriptionOf } = require('./schema-types.js');

const SCALARS = { text: 'String', choice: 'String', whole: 'Long', yesNo: 'Boolean', any: 'Object', either: 'Object' };
const PRIMITIVES = { whole: 'long', yesNo: 'boolean' };

const HEAD = `package airbyte;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Map;

/**
 * The types of what the workflows of temporal-airbyte take, return and report.
 *
 * <p>{@code npm run schema} writes this file from the JSON Schemas of the package. A field that takes values of several types is an
 * {@code Object}. Results may have more fields, and choices more values, in later releases.
 */
public final class AirbyteTypes {
  private AirbyteTypes() {}
`;

/** The class of Java that has the types, as records. */
function javaTypes() {
  return `${HEAD}${callerRecords()
    .map((record) => `\n${javaRecord(record)}`)
    .join('')}}\n`;
}

function javaRecord({ name, direction, fields }) {
  const typed = fields.map((field) => ({ ...field, type: javaType(field) }));
  const described = typed.filter((field) => descriptionOf(field) !== '');
  const parameters = described.map(
    (field) => `   * @param ${field.name}\n${commentLines(escaped(descriptionOf(field)), '   *     ')}`,
  );
  const components = typed.map(
    (field) =>
      `      ${field.isRequired ? '' : '@JsonInclude(JsonInclude.Include.NON_NULL) '}${field.type} ${field.name}`,
  );
  return [
    described.length > 0 ? `  /**\n${parameters.join('')}   */\n` : '',
    '  @JsonIgnoreProperties(ignoreUnknown = true)\n',
    `  public record ${name}(\n${components.join(',\n')}) {\n`,
    direction === 'sent' ? builders(name, typed) : '',
    '  }\n',
  ].join('');
}

/** A record with its required fields only, and copies of it that have one more. */
function builders(name, fields) {
  const required = fields.filter(({ isRequired }) => isRequired);
  const given = required.map((field) => `${field.type} ${field.name}`).join(', ');
  const create = fields.map((field) => (field.isRequired ? field.name : 'null')).join(', ');
  const all = fields.map((field) => field.name).join(', ');
  return [
    `    public static ${name} of(${given}) {\n      return new ${name}(${create});\n    }\n`,
    ...fields
      .filter(({ isRequired }) => !isRequired)
      .map((field) => {
        const method = `with${field.name[0].toUpperCase()}${field.name.slice(1)}`;
        return `\n    public ${name} ${method}(${field.type} ${field.name}) {\n      return new ${name}(${all});\n    }\n`;
      }),
  ].join('');
}

function javaType({ form, isRequired, isNullable }) {
  return (isRequired && !isNullable && PRIMITIVES[form.is]) || boxed(form);
}

function boxed(form) {
  if (form.is === 'list') return `List<${boxed(form.of)}>`;
  if (form.is === 'map') return `Map<String, ${boxed(form.of)}>`;
  return form.is === 'record' ? form.name : SCALARS[form.is];
}

const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

module.exports = { javaTypes };
