/** The problems that schemas find, as messages: what is wrong, where, and what is expected. */
import { z } from 'zod';
import { type FieldPath, formatPath } from '../../text/field-path';
import { formatNumber } from '../../text/formatting';
import { nearestName } from '../../text/nearest-name';
import { shorten } from '../../text/shorten';

/** One problem of an input. It never contains the value that was found, which may be a secret. */
export interface Problem {
  /** Such as `connection.streams[0].syncMode`; empty when the problem concerns the whole document. */
  path: string;
  message: string;
}

/** A problem whose path is in segments, so that its position in a file can be found. */
export interface LocatedProblem {
  path: FieldPath;
  message: string;
}

/** More problems do not help the reader, and a failure must stay below Temporal's size limit. */
const MAXIMUM_PROBLEMS = 20;
const MAXIMUM_PATH_LENGTH = 300;
const MAXIMUM_MESSAGE_LENGTH = 1_000;
/** A longer key is not compared with the known keys: it is no misspelling of one. */
const MAXIMUM_KEY_TO_COMPARE = 100;

/** The schema of an object that rejects unknown keys, with a message that suggests a similar known key. */
export function strictObject<Shape extends z.ZodRawShape>(shape: Shape) {
  const known = Object.keys(shape);
  return z.strictObject(shape, {
    // Zod reports all unknown keys of an object as one issue: one line for each key, which locateProblems separates again.
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? issue.keys
            .slice(0, MAXIMUM_PROBLEMS)
            .map((key) => unknownKeyMessage(key, known))
            .join('\n')
        : undefined,
  });
}

function unknownKeyMessage(key: string, known: readonly string[]): string {
  const meant = key.length > MAXIMUM_KEY_TO_COMPARE ? undefined : nearestName(key, known);
  return meant === undefined
    ? `is not a known key; the known keys are ${known.join(', ')}`
    : `is not a known key; did you mean ${meant}?`;
}

/** A required word out of a list. Zod's own message does not say whether the word is wrong or missing. */
export function requiredEnum<const Words extends readonly string[]>(words: Words) {
  return z.enum(words, {
    error: ({ input }) => (input === undefined ? missing(`one of ${words.join(', ')}`) : undefined),
  });
}

/**
 * The problems of a rejected document or workflow input, one for each field. If there are many, the first ones and a last
 * one that says how many more there are.
 */
export function toProblems(error: z.ZodError): Problem[] {
  const { shown, rest } = firstProblems(locateProblems(error.issues));
  const problems = shown.map(({ path, message }) => ({ path: formatProblemPath(path), message }));
  return rest === undefined ? problems : [...problems, { path: '', message: rest }];
}

/** Describes problems in one text, a line for each, up to {@link MAXIMUM_PROBLEMS}. */
export function describeLocatedProblems(problems: readonly LocatedProblem[]): string {
  const { shown, rest = '' } = firstProblems(problems);
  const lines = shown.map(({ path, message }) => [formatProblemPath(path), message].filter(Boolean).join(' '));
  return [...lines, rest].filter(Boolean).join('\n');
}

/** The first problems, and a line that says how many more there are. */
export function firstProblems<P extends { message: string }>(problems: readonly P[]): { shown: P[]; rest?: string } {
  const shown = problems
    .slice(0, MAXIMUM_PROBLEMS)
    .map((problem) => ({ ...problem, message: shorten(problem.message, MAXIMUM_MESSAGE_LENGTH) }));
  const more = problems.length - shown.length;
  return { shown, ...(more > 0 && { rest: `and ${formatNumber(more)} more` }) };
}

/** The path of a field for a message; a very long one is cut. */
export function formatProblemPath(path: FieldPath): string {
  const text = formatPath(path);
  return text.length > MAXIMUM_PATH_LENGTH ? `${text.slice(0, MAXIMUM_PATH_LENGTH)}…` : text;
}

/** Describes the problems that a schema has found in one text. */
export function describeZodError(error: z.ZodError): string {
  return describeLocatedProblems(locateProblems(error.issues));
}

/** The problems that a schema has found, with their paths in segments. */
export function locateProblems(issues: readonly z.core.$ZodIssue[]): LocatedProblem[] {
  return issues.flatMap((issue): LocatedProblem[] => {
    if (issue.code === 'unrecognized_keys') {
      const messages = issue.message.split('\n');
      return issue.keys.map((key, index) => ({
        path: [...issue.path, key],
        message: messages[index] ?? 'is not a known key',
      }));
    }
    if (issue.code === 'invalid_union') {
      const branch = intendedBranch(issue.errors);
      if (branch !== undefined) {
        return locateProblems(branch).map(({ path, message }) => ({ path: [...issue.path, ...path], message }));
      }
    }
    return [{ path: issue.path, message: describeIssue(issue) }];
  });
}

/**
 * The alternative of a union that the author intended: the value has its type, its literals (`by: temporal`), and no keys
 * that it does not know. Undefined if that is not exactly one alternative: the message of the union then lists all of them.
 */
function intendedBranch(branches: readonly z.core.$ZodIssue[][]): z.core.$ZodIssue[] | undefined {
  const sameKind = branches.filter((issues) =>
    issues.every((issue) => issue.path.length > 0 || !isTypeMismatch(issue)),
  );
  const sameLiterals = sameKind.filter((issues) => !issues.some(isLiteralMismatch));
  if (sameKind.length > 0 && sameLiterals.length === 0) return mergeLiteralIssues(sameKind);
  const near = sameLiterals.length === 1 ? sameLiterals : sameLiterals.filter((issues) => !issues.some(isUnknownKey));
  return near.length === 1 ? near[0] : undefined;
}

/** The field that distinguishes the alternatives has none of their values: the issue lists the values of all alternatives. */
function mergeLiteralIssues(branches: readonly z.core.$ZodIssue[][]): z.core.$ZodIssue[] | undefined {
  const issues = branches.flat().filter(isLiteralMismatch);
  const [first] = issues;
  return first && [{ ...first, values: [...new Set(issues.flatMap(({ values }) => values))] }];
}

function isLiteralMismatch(issue: z.core.$ZodIssue): issue is z.core.$ZodIssueInvalidValue {
  return issue.code === 'invalid_value' && issue.path.length > 0 && issue.values.length === 1;
}

function isTypeMismatch(issue: z.core.$ZodIssue): boolean {
  return issue.code === 'invalid_type' || issue.code === 'invalid_value';
}

function isUnknownKey(issue: z.core.$ZodIssue): boolean {
  return issue.code === 'unrecognized_keys';
}

function describeIssue(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type': {
      const [, received] = / received (\w+)$/.exec(issue.message) ?? [];
      if (received === undefined) return issue.message;
      if (received === 'undefined') return missing(withArticle(issue.expected));
      if (received === 'null') return `is empty: expected ${withArticle(issue.expected)}`;
      return `expected ${withArticle(issue.expected)}, found ${withArticle(received)}`;
    }
    case 'invalid_value':
      if (!issue.message.startsWith('Invalid')) return issue.message;
      return `expected ${issue.values.length > 1 ? 'one of ' : ''}${issue.values.map(String).join(', ')}`;
    default:
      return issue.message;
  }
}

function missing(expected: string): string {
  return `is missing: expected ${expected} (required)`;
}

function withArticle(type: string): string {
  // Zod names an object of another realm, such as a workflow's sandbox, by its class.
  const name = type === 'array' ? 'list' : type === 'int' ? 'integer' : type === 'Object' ? 'object' : type;
  return `${/^[aeiou]/.test(name) ? 'an' : 'a'} ${name}`;
}
