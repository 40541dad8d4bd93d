/** Messages for syntax errors of YAML that quote nothing of the document. */
import type { YAMLError } from 'yaml';

type ErrorCode = YAMLError['code'];

const TAB = 'is indented with a tab; YAML requires blanks';
export const UNKNOWN_ALIAS = 'refers to an anchor that does not exist; write a value that begins with * in quotes';
export const DUPLICATE_KEY = 'is a duplicate key; remove one of them';

/**
 * The message for each error of the YAML parser. The parser's own messages quote the document (a tag, an alias, an escape),
 * and the quoted text may be a password: `password: *hunter2` is an alias.
 */
const MESSAGES: Partial<Record<ErrorCode, string>> = {
  ALIAS_PROPS: 'an alias (*name) can have neither a tag nor an anchor',
  BAD_ALIAS: 'is no valid anchor or alias; write a value that begins with * or & in quotes',
  BAD_COLLECTION_TYPE: 'has a tag of another type; write a value that begins with ! in quotes',
  BAD_DIRECTIVE: 'is no valid directive; write a value that begins with % in quotes',
  BAD_DQ_ESCAPE: 'has an escape that YAML does not support; in single quotes, a backslash is an ordinary character',
  BAD_INDENT: 'has the wrong indentation, or a bracket is not closed',
  BAD_SCALAR_START: 'begins with a character that YAML reserves; write the value in quotes',
  BLOCK_AS_IMPLICIT_KEY:
    'has a second key or list in one line; write a value that contains a colon and a blank in quotes',
  MULTILINE_IMPLICIT_KEY: 'a key must be in one line; is the colon after it missing?',
  MULTIPLE_DOCS: 'contains several documents (---); expected one',
  NON_STRING_KEY: 'a key must be a text',
  RESOURCE_EXHAUSTION: 'is nested too deeply',
  TAB_AS_INDENT: TAB,
  TAG_RESOLVE_FAILED: 'has an unknown tag; write a value that begins with ! in quotes',
};

/** Describes a syntax error without quoting the document's text. */
export function describeSyntaxError({ code, message, pos: [offset] }: YAMLError, text: string): string {
  // In brackets, the parser takes a tab for no indentation at all.
  const indentation = text.slice(text.lastIndexOf('\n', offset - 1) + 1, offset);
  if (code === 'BAD_INDENT' && /^ *\t\s*$/.test(indentation)) return TAB;
  if (code === 'MISSING_CHAR') return describeMissing(message);
  return MESSAGES[code] ?? 'is not valid YAML; write a value with special characters in quotes';
}

/** One code stands for all missing characters; only the parser's message says which is missing. */
function describeMissing(message: string): string {
  if (message.includes('closing')) return 'the closing quote of a text is missing';
  if (message.includes('Implicit map keys'))
    return 'expected a key and its value; is the colon, or the blank after it, missing?';
  if (message.includes('end with')) return 'a bracket is not closed';
  return 'something is missing before this: a comma, a colon, a blank after a colon, or a quote';
}
