import { callerTexts } from './caller-texts';
import { type DecodedText, decodeEscapes, joinWrappedLines } from './decoded-text';
import { MASK } from './mask';
import { FormSearch, type Found } from './secret-form-search';
import {
  formsOfSecret,
  inLowerCase,
  MAXIMUM_ESCAPE_DEPTH,
  type SecretForm,
  SHORTEST_MASKED,
  SHORTEST_MASKED_WORD,
} from './secret-forms';
import { partsOfSecret } from './secret-parts';

/** A secret, and what people call it: `AIRBYTE_TOKEN`, `SECRET_SHOP_PASSWORD`, a file's name. */
export interface KnownSecret {
  name: string;
  value: string;
}

/** A secret that texts are not wholly freed of. */
export interface WeakSecret {
  name: string;
  /** Why, as the end of a sentence that begins with the name; without the secret. */
  problem: string;
}

/** Tells all secrets of the moment. Asked whenever a text is masked, so it has to be quick. */
export type SecretSource = () => Iterable<KnownSecret>;

export type Mask = (text: string) => string;

interface FormOfSecret extends SecretForm {
  /** The secret, or the part of one, that it is a form of. */
  of: string;
}

/**
 * The one stage through which every text of somebody else's goes before it is shortened, logged, thrown or sent anywhere.
 * It knows the secrets of this process, and takes them and their parts out of a text in whatever form they are in it.
 */
export class SecretMask {
  readonly #sources: SecretSource[];
  #known: readonly KnownSecret[] = [];
  #search = new FormSearch<FormOfSecret>([]);
  #weak: WeakSecret[] = [];
  readonly #told = new Set<string>();

  constructor(...sources: SecretSource[]) {
    this.#sources = sources;
  }

  /** Masks the secrets of this source too, from now on. */
  add(source: SecretSource): void {
    if (!this.#sources.includes(source)) this.#sources.push(source);
  }

  /** The text without any secret, except what the caller at hand has written into it. */
  readonly mask: Mask = (text) => this.current()(text);

  /** All secrets of the moment, for another stage that masks them too. */
  readonly known: SecretSource = () => this.#sources.flatMap((source) => [...source()]);

  /** The same for many texts of one moment: the secrets are asked for only once. */
  current(): Mask {
    this.#refresh();
    const search = this.#search;
    return (text) => maskWith(search, text);
  }

  /** The secrets that are not masked wholly, each told once: too short, or a word that every second text has. */
  newWeakSecrets(): WeakSecret[] {
    this.#refresh();
    const untold = this.#weak.filter(({ name }) => !this.#told.has(name));
    for (const { name } of untold) this.#told.add(name);
    return untold;
  }

  /** Ends the masking of a source's secrets. */
  remove(source: SecretSource): void {
    const index = this.#sources.indexOf(source);
    if (index >= 0) this.#sources.splice(index, 1);
  }

  #refresh(): void {
    const known = [...this.known()];
    const isSame = ({ name, value }: KnownSecret, index: number) =>
      this.#known[index]?.value === value && this.#known[index]?.name === name;
    if (known.length === this.#known.length && known.every(isSame)) return;
    this.#known = known;
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
    return weakness('is a common word: it is not masked in logs and errors. Choose a secret that nobody guesses');
  }
  if (value.length < SHORTEST_MASKED) {
    return weakness(
      `has fewer than ${SHORTEST_MASKED} characters: it is masked in logs and errors only where it stands alone. Choose a longer secret`,
    );
  }
  return [];
}

function isMaskable(part: string): boolean {
  // Stars are what a secret has been replaced by already, and a row of one character is a line between two paragraphs.
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
    // Of two that overlap, the mask of the first stands for both.
    shownTo = Math.max(shownTo, end);
  }
  return pieces.join('') + text.slice(shownTo);
}

/** Every form in the text as it is, and in it with its escapes decoded. */
function findIn(search: FormSearch<FormOfSecret>, source: string): Found<FormOfSecret>[] {
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
 * Words that are in the texts of Airbyte, of connectors and of this project all the time, and that weak secrets are. To
 * mask them would make those texts unreadable, and say what the secret is besides.
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

export function isCommonWord(text: string): boolean {
  return COMMON_WORDS.has(text.toLowerCase());
}
