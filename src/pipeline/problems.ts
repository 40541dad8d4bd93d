import { z } from 'zod';
import { type FieldPath, formatPath } from './field-path';
import { nearestName } from './nearest-name';

/** One thing that is wrong with what a person wrote. It never holds the value that was found. */
export interface Problem {
  /** Such as `connection.streams[0].syncMode`; empty for the document as a whole. */
  path: string;
  message: string;
}

/** A problem whose path is still in parts, for those who have to find its place in a file. */
export interface LocatedProblem {
  path: FieldPath;
  message: string;
}

/** An object in which an unknown key is an error, said together with the key that was probably meant. */
export function strictObject<Shape extends z.ZodRawShape>(shape: Shape) {
  const known = Object.keys(shape);
  return z.strictObject(shape, {
    // One line a key: zod reports all unknown keys of an object as one issue, locateProblems takes them apart again.
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? issue.keys.map((key) => unknownKeyMessage(key, known)).join('\n')
        : undefined,
  });
}

function unknownKeyMessage(key: string, known: readonly string[]): string {
  const meant = nearestName(key, known);
  return meant === undefined
    ? `is not a known key; known here are ${known.join(', ')}`
    : `is not a known key; did you mean ${meant}?`;
}

/** One of some words, where none may be left out: Zod alone does not tell a wrong word from no word. */
export function oneOf<const Words extends readonly string[]>(words: Words) {
  return z.enum(words, {
    error: ({ input }) => (input === undefined ? missing(`one of ${words.join(', ')}`) : undefined),
  });
}

/** What a failed check of a pipeline document or of a workflow's input says, one sentence a field. */
export function describeProblems(error: z.ZodError): Problem[] {
  return locateProblems(error.issues).map(({ path, message }) => ({ path: formatPath(path), message }));
}

/** Problems as one text, a line for each. */
export function describeLocated(problems: readonly LocatedProblem[]): string {
  return problems.map(({ path, message }) => [formatPath(path), message].filter(Boolean).join(' ')).join('\n');
}

/** Those of a parse as one text. */
export function problemsText(error: z.ZodError): string {
  return describeLocated(locateProblems(error.issues));
}

/** The same as {@link describeProblems}, with paths in parts. */
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
      const branch = meantBranch(issue.errors);
      if (branch !== undefined) {
        return locateProblems(branch).map(({ path, message }) => ({ path: [...issue.path, ...path], message }));
      }
    }
    return [{ path: issue.path, message: sentence(issue) }];
  });
}

/**
 * The one alternative the person was writing: its kind is right, its literals (`by: temporal`) are there, and it knows all
 * the keys that are there. Undefined when that is not exactly one; then the union's own message, which lists them, says more.
 */
function meantBranch(branches: readonly z.core.$ZodIssue[][]): z.core.$ZodIssue[] | undefined {
  const sameKind = branches.filter((issues) => issues.every((issue) => issue.path.length > 0 || !isOtherKind(issue)));
  const sameLiterals = sameKind.filter((issues) => !issues.some(isOtherLiteral));
  if (sameKind.length > 0 && sameLiterals.length === 0) return ofNoAlternative(sameKind);
  const near = sameLiterals.length === 1 ? sameLiterals : sameLiterals.filter((issues) => !issues.some(isUnknownKey));
  return near.length === 1 ? near[0] : undefined;
}

/** The field that tells the alternatives apart has the value of none: says those of all. */
function ofNoAlternative(branches: readonly z.core.$ZodIssue[][]): z.core.$ZodIssue[] | undefined {
  const issues = branches.flat().filter(isOtherLiteral);
  const [first] = issues;
  return first && [{ ...first, values: [...new Set(issues.flatMap(({ values }) => values))] }];
}

function isOtherLiteral(issue: z.core.$ZodIssue): issue is z.core.$ZodIssueInvalidValue {
  return issue.code === 'invalid_value' && issue.path.length > 0 && issue.values.length === 1;
}

function isOtherKind(issue: z.core.$ZodIssue): boolean {
  return issue.code === 'invalid_type' || issue.code === 'invalid_value';
}

function isUnknownKey(issue: z.core.$ZodIssue): boolean {
  return issue.code === 'unrecognized_keys';
}

function sentence(issue: z.core.$ZodIssue): string {
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
  const name = type === 'array' ? 'list' : type === 'int' ? 'integer' : type;
  return `${/^[aeiou]/.test(name) ? 'an' : 'a'} ${name}`;
}
