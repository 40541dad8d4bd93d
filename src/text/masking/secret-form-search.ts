import { type SecretForm, SHORTEST_MASKED } from './secret-forms';

/** Where a text contains a form, or the beginning of a form that was cut. */
export interface FormMatch<Form> {
  form: Form;
  start: number;
  end: number;
}

/** The search compares the hashes of this many characters. */
const PREFIX = 4;
const BITS = 16;

/** The marks that programs put where they have cut a text. */
const TRUNCATION_MARK = /^(?:…|\.\.\.|\[truncated|\(truncated)/;

const LONGEST_TRUNCATION_MARK = 12;

const WORD_CHARACTER = /[\p{L}\p{N}_]/u;

/**
 * Finds any of thousands of forms in one pass over a text. A table with the hashes of their first four characters shows
 * at each position, within a few nanoseconds, whether a form may begin there.
 */
export class FormSearch<Form extends SecretForm> {
  readonly #begins = new Uint8Array(1 << BITS);
  readonly #byHash = new Map<number, Form[]>();

  constructor(forms: readonly Form[]) {
    for (const form of forms) {
      if (form.text.length < PREFIX) continue;
      const hash = hashAt(form.text);
      this.#begins[hash] = 1;
      this.#byHash.set(hash, [...(this.#byHash.get(hash) ?? []), form]);
    }
    for (const same of this.#byHash.values()) same.sort((one, other) => other.text.length - one.text.length);
  }

  /** @param text in lower case */
  find(text: string): FormMatch<Form>[] {
    const found: FormMatch<Form>[] = [];
    const begins = this.#begins;
    const last = text.length - PREFIX;
    if (last < 0) return found;
    let hash = hashAt(text);
    for (let at = 0; at <= last; at++) {
      if (begins[hash] === 1) {
        for (const form of this.#byHash.get(hash) ?? []) {
          const end = endOfForm(text, at, form);
          if (end === undefined) continue;
          found.push({
            form,
            start: form.sharesBefore && isBase64Character(text[at - 1]) ? at - 1 : at,
            end: form.sharesBehind && isBase64Character(text[end]) ? end + 1 : end,
          });
        }
      }
      hash = ((hash << PREFIX_SHIFT) ^ mixed(text.charCodeAt(at + PREFIX))) & HASH_MASK;
    }
    return found;
  }
}

const HASH_MASK = (1 << BITS) - 1;
/** With this shift, the hash depends on the last four characters only. */
const PREFIX_SHIFT = BITS / PREFIX;

/** Spreads the code over all bits, so that ASCII letters and digits differ in the upper ones. */
function mixed(code: number): number {
  return (code * 0x9e3b) & HASH_MASK;
}

function hashAt(text: string): number {
  let hash = 0;
  for (let at = 0; at < PREFIX; at++) hash = ((hash << PREFIX_SHIFT) ^ mixed(text.charCodeAt(at))) & HASH_MASK;
  return hash;
}

/** Where a form that begins at `start` ends, even if it was cut there; undefined if the text has another content. */
function endOfForm(text: string, start: number, form: SecretForm): number | undefined {
  if (text.startsWith(form.text, start)) {
    const end = start + form.text.length;
    return form.isWord && (isInWord(text[start - 1]) || isInWord(text[end])) ? undefined : end;
  }
  if (form.isWord) return undefined;
  let end = start;
  while (end < text.length && text.charCodeAt(end) === form.text.charCodeAt(end - start)) end++;
  const length = end - start;
  if (length < SHORTEST_MASKED) return undefined;
  // At the end of a text without such a mark, a short match may be a word that the secret happens to begin with.
  const isCut =
    end === text.length
      ? length * 2 >= form.text.length
      : TRUNCATION_MARK.test(text.slice(end, end + LONGEST_TRUNCATION_MARK));
  return isCut ? end : undefined;
}

function isInWord(character: string | undefined): boolean {
  return character !== undefined && WORD_CHARACTER.test(character);
}

function isBase64Character(character: string | undefined): boolean {
  return character !== undefined && /[\w+/=-]/.test(character);
}
