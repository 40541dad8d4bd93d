// What Airbyte and Temporal send us is somebody else's text: it goes to the terminal only without control sequences,
// and is measured in terminal columns, not in UTF-16 units.

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this is about
const ESCAPE_SEQUENCE = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[@-Z\\^_])/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this is about
const CONTROL_CHARACTER = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g;

/** The text without escape sequences and control characters; newlines and tabs stay. */
export function withoutControls(text: string): string {
  return text.replace(ESCAPE_SEQUENCE, '').replace(/\r\n/g, '\n').replace(CONTROL_CHARACTER, '');
}

/** The text as one line: no control sequences, each run of white space one space. */
export function oneLine(text: string): string {
  return withoutControls(text).replace(/\s+/g, ' ').trim();
}

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });
const TWO_COLUMNS =
  /^(?:\p{Emoji_Presentation}|[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\u{20000}-\u{3fffd}])/u;

function columnsOf(grapheme: string): number {
  return TWO_COLUMNS.test(grapheme) ? 2 : 1;
}

/** How many terminal columns a text without control sequences takes. */
export function textWidth(text: string): number {
  let width = 0;
  for (const { segment } of graphemes.segment(text)) width += columnsOf(segment);
  return width;
}

/** The text cut to so many columns, with an ellipsis where something was cut. */
export function truncate(text: string, columns: number): string {
  if (textWidth(text) <= columns) return text;
  if (columns <= 0) return '';
  let kept = '';
  let width = 0;
  for (const { segment } of graphemes.segment(text)) {
    if (width + columnsOf(segment) > columns - 1) break;
    kept += segment;
    width += columnsOf(segment);
  }
  return `${kept}…`;
}
