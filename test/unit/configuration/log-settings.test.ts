import { describe, expect, it } from '@jest/globals';
import { logFormat, logLevel, showsLevel } from '../../../src/configuration/log-settings';

describe('the settings of the log', () => {
  it('are text with notes where nothing is set', () => {
    expect([logFormat({}), logLevel({ LOG_LEVEL: '' })]).toEqual(['text', 'info']);
  });

  it('are read in upper and lower case', () => {
    expect(['DEBUG', 'Warn'].map((level) => logLevel({ LOG_LEVEL: level }))).toEqual(['debug', 'warn']);
  });

  it.each([
    ['error', [true, false, false, false]],
    ['warn', [true, true, false, false]],
    ['info', [true, true, true, false]],
    ['debug', [true, true, true, true]],
  ] as const)('show at the level %s what is as important or more', (level, shown) => {
    const levels = ['error', 'warn', 'info', 'debug'] as const;
    expect(levels.map((each) => showsLevel(level, each))).toEqual(shown);
  });
});
