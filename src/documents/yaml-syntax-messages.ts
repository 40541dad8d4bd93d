import type { YAMLError } from 'yaml';

type ErrorCode = YAMLError['code'];

export const UNKNOWN_ALIAS = 'refers to an anchor that is not there; a value that begins with * has to be in quotes';
export const DUPLICATE_KEY = 'this key is there twice';

/**
 * What to say for each error of the YAML parser. Its own messages quote the text they stumble over (a tag, an alias, an
 * escape), and that may be a password: `password: *hunter2` is an alias to it.
 */
const MESSAGES: Partial<Record<ErrorCode, string>> = {
  ALIAS_PROPS: 'an alias (*name) can have neither a tag nor an anchor of its own',
  BAD_ALIAS: 'is no anchor or alias; a value that begins with * or & has to be in quotes',
  BAD_COLLECTION_TYPE: 'has a tag that does not fit; a value that begins with ! has to be in quotes',
  BAD_DIRECTIVE: 'is not a directive; a line that begins with % has to be in quotes',
  BAD_DQ_ESCAPE: 'has an escape that YAML does not know; in single quotes a backslash is just a backslash',
  BAD_INDENT: 'is not indented like what it belongs to, or a bracket is not closed',
  BAD_SCALAR_START: 'begins with a character that YAML keeps for itself; put the value into quotes',
  BLOCK_AS_IMPLICIT_KEY:
    'has a second key or list on one line; a value with a colon and a blank in it has to be in quotes',
  MULTILINE_IMPLICIT_KEY: 'a key has to be on one line; is the colon after it missing?',
  MULTIPLE_DOCS: 'holds several documents (---), expected one',
  NON_STRING_KEY: 'a key has to be a text',
  RESOURCE_EXHAUSTION: 'is nested too deeply',
  TAB_AS_INDENT: 'is indented with a tab; YAML wants blanks',
  TAG_RESOLVE_FAILED: 'has a tag that is not known here; a value that begins with ! has to be in quotes',
};

/** What is wrong with the text of a document, in words that hold nothing of the text. */
export function describeSyntaxError({ code, message }: YAMLError): string {
  if (code === 'MISSING_CHAR') return describeMissing(message);
  return MESSAGES[code] ?? 'is not valid YAML; a value with special characters in it has to be in quotes';
}

/** One code stands for whatever is missing; only the parser's message says what. */
function describeMissing(message: string): string {
  if (message.includes('closing')) return 'a text in quotes does not end';
  if (message.includes('Implicit map keys'))
    return 'expected a key and its value; is the colon, or the blank after it, missing?';
  if (message.includes('end with')) return 'a bracket is not closed';
  return 'something is missing before this: a comma, a colon, a blank after a colon, or a quote';
}
