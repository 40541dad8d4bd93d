import { callerTexts } from './caller-texts';
import { type DecodedText, decodeEscapes, joinWrappedLines } from './decoded-text';
import { MASK } from './mask';
import { type FormMatch, FormSearch } from './secret-form-search';
import {
  formsOfSecret,
  inLowerCase,
  MAXIMUM_ESCAPE_DEPTH,
  type SecretForm,
  SHORTEST_MASKED,
  SHORTEST_MASKED_WORD,
} from './secret-forms';
import { partsOfSecret } from './secret-parts';

/** A secret and its name: `AIRBYTE_TOKEN`, `SECRET_SHOP_PASSWORD`, a file's name. */
export interface KnownSecret {
  name: string;
  value: string;
}

/** A secret that is not masked, or not everywhere. */
export interface WeakSecret {
  name: string;
  /** The reason, as the end of a sentence that begins with the name. It does not contain the secret. */
  problem: string;
}

/** Gives all current secrets. It is called whenever a text is masked, so it has to be fast. */
export type SecretSource = () => Iterable<KnownSecret>;

export type Mask = (text: string) => string;

interface FormOfSecret extends SecretForm {
  /** The secret, or the part of one, that it is a form of. */
  of: string;
}

/**
 * Masks the secrets of this process in texts from outside, which must pass it before they are shortened, logged, thrown
 * or sent anywhere. It finds the secrets and their parts in every form in which programs write them.
 */
export class SecretMask {
  readonly #sources: SecretSource[];
  #knownSecrets: readonly KnownSecret[] = [];
  #search = new FormSearch<FormOfSecret>([]);
  #weak: WeakSecret[] = [];
  readonly #reported = new Set<string>();

  constructor(...sources: SecretSource[]) {
    this.#sources = sources;
  }

  /** Adds a source, whose secrets are masked from now on. */
  add(source: SecretSource): void {
    if (!this.#sources.includes(source)) this.#sources.push(source);
  }

  /** Masks all secrets in a text, except those that the current caller has written. */
  readonly mask: Mask = (text) => this.current()(text);

  /** All current secrets, for another mask that needs them too. */
  readonly known: SecretSource = () => this.#sources.flatMap((source) => [...source()]);

  /** Like {@link mask}, for many texts at the same time: it reads the secrets only once. */
  current(): Mask {
    this.#refresh();
    const search = this.#search;
    return (text) => maskWith(search, text);
  }

  /** The secrets that are too short or too common to be masked everywhere. Each is returned only once. */
  newWeakSecrets(): WeakSecret[] {
    this.#refresh();
    const unreported = this.#weak.filter(({ name }) => !this.#reported.has(name));
    for (const { name } of unreported) this.#reported.add(name);
    return unreported;
  }

  /** Removes a source, whose secrets are no longer masked. */
  remove(source: SecretSource): void {
    const index = this.#sources.indexOf(source);
    if (index >= 0) this.#sources.splice(index, 1);
  }

  #refresh(): void {
    const known = [...this.known()];
    const isSame = ({ name, value }: KnownSecret, index: number) =>
      this.#knownSecrets[index]?.value === value && this.#knownSecrets[index]?.name === name;
    if (known.length === this.#knownSecrets.length && known.every(isSame)) return;
    this.#knownSecrets = known;
    this.#weak = known.flatMap(({ name, value }) => weaknessOf(name, value.trim()));
    const parts = new Set(known.flatMap(({ value }) => partsOfSecret(value)).filter(isMaskable));
    this.#search = new FormSearch([...parts].flatMap((of) => formsOfSecret(of).map((form) => ({ ...form, of }))));
  }
}

function weaknessOf(name: string, value: string): WeakSecret[] {
  const weakness = (problem: string) => [{ name, problem }];
  if (value.length < SHORTEST_MASKED_WORD) {
    return weakness(
      `has fewer than ${SHORTEST_MASKED_WORD} characters: it is not masked in logs and errors. Choose a longer secret`,
    );
  }
  if (isCommonWord(value)) {
    return weakness('is a common word: it is not masked in logs and errors. Choose a secret that is hard to guess');
  }
  if (value.length < SHORTEST_MASKED) {
    return weakness(
      `has fewer than ${SHORTEST_MASKED} characters: it is masked in logs and errors only where it is a word of its own. Choose a longer secret`,
    );
  }
  return [];
}

function isMaskable(part: string): boolean {
  // A row of stars is a mask, and a row of another character is a line between two paragraphs.
  return part.length >= SHORTEST_MASKED_WORD && !isCommonWord(part) && !/^(.)\1*$/su.test(part);
}

function maskWith(search: FormSearch<FormOfSecret>, text: string): string {
  const found = findIn(search, text);
  if (found.length === 0) return text;
  const written = callerTexts();
  const own = new Set(written === '' ? [] : findIn(search, written).map(({ form }) => form.of));
  const secret = found.filter(({ form }) => !own.has(form.of)).sort((one, other) => one.start - other.start);
  const pieces: string[] = [];
  let shownTo = 0;
  for (const { start, end } of secret) {
    if (start >= shownTo) pieces.push(text.slice(shownTo, start), MASK);
    // Two matches that overlap share the mask of the first one.
    shownTo = Math.max(shownTo, end);
  }
  return pieces.join('') + text.slice(shownTo);
}

/** All forms in the original text, and in the text with its escapes decoded. */
function findIn(search: FormSearch<FormOfSecret>, source: string): FormMatch<FormOfSecret>[] {
  const all = search.find(inLowerCase(source));
  const steps: DecodedText[] = [];
  const findDecoded = (decoded: DecodedText, before: readonly DecodedText[]) => {
    for (const { form, start, end } of search.find(inLowerCase(decoded.text))) {
      const range = [decoded, ...before.toReversed()].reduce(([from, to], step) => step.sourceOf(from, to), [
        start,
        end,
      ] as [number, number]);
      all.push({ form, start: range[0], end: range[1] });
    }
  };
  let text = source;
  for (let pass = 0; pass < MAXIMUM_ESCAPE_DEPTH; pass++) {
    const decoded = decodeEscapes(text);
    if (!decoded) break;
    findDecoded(decoded, steps);
    steps.push(decoded);
    text = decoded.text;
  }
  const joined = joinWrappedLines(text);
  if (joined) findDecoded(joined, steps);
  return all;
}

/**
 * Words that occur in many texts of Airbyte, of connectors and of this project, and that some people use as secrets. To
 * mask them would make the texts unreadable, and would reveal the secret.
 */
const COMMON_WORDS = new Set(
  `access admin administrator airbyte airflow analytics bearer boolean bucket catalog changeme client cluster
  configuration connection connector connector credential credentials customer customers database databases default
  destination discover docker dummy error errors example exception failed failure false guest health hostname integer
  invalid local localhost login message minioadmin minio mongodb mssql mysql namespace number object oracle orders
  organization password passwort pending postgres postgresql production public queued query record records redshift
  replication request reset response root running sample schema secret secrets server service shop snowflake source
  staging status stream streams string succeeded table tables temporal test testing timeout token tokens true unknown
  update user username users value values warehouse warning worker workflow workspace`.split(/\s+/),
);

function isCommonWord(text: string): boolean {
  return COMMON_WORDS.has(text.toLowerCase());
}
