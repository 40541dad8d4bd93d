import { describe, expect, it } from '@jest/globals';
import { isHistoryLong } from '../../../workflows/history-limit';

const short = { historyLength: 10, historySize: 10_000, continueAsNewSuggested: false };

describe('a history', () => {
  it('is long well before 10,000 events, so that what still runs can end in it', () => {
    expect(isHistoryLong(short)).toBe(false);
    expect(isHistoryLong({ ...short, historyLength: 3_999 })).toBe(false);
    expect(isHistoryLong({ ...short, historyLength: 4_000 })).toBe(true);
  });

  it('is long before it is larger than Temporal likes', () => {
    expect(isHistoryLong({ ...short, historySize: 10_000_000 })).toBe(true);
  });

  it('is long when the server says so', () => {
    expect(isHistoryLong({ ...short, continueAsNewSuggested: true })).toBe(true);
  });
});
