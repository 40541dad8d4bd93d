import { describe, expect, it } from '@jest/globals';
import { matchesPattern } from '../../../src/text/name-pattern';

describe('a pattern of names', () => {
  it.each([
    ['crm', 'crm'],
    ['crm*', 'crm'],
    ['crm*', 'crm → lake'],
    ['* → lake', 'crm → lake'],
    ['*', ''],
    ['*', 'anything'],
    ['a*b*c', 'a-b-b-c'],
    ['*b*b*', 'abab'],
    ['a**c', 'abc'],
    ['crm (eu) [1]', 'crm (eu) [1]'],
    ['a.c*', 'a.cd'],
  ])('%j stands for %j', (pattern, name) => {
    expect(matchesPattern(pattern, name)).toBe(true);
  });

  it.each([
    ['crm', 'crm2'],
    ['crm', 'CRM'],
    ['crm*', 'my crm'],
    ['*crm', 'crm2'],
    ['ab*ba', 'aba'],
    ['*b*b*', 'ab'],
    ['a*b*b', 'ab'],
    ['a.c', 'abc'],
    ['a?c', 'abc'],
  ])('%j does not stand for %j', (pattern, name) => {
    expect(matchesPattern(pattern, name)).toBe(false);
  });
});
