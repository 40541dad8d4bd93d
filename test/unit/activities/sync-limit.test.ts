import { describe, expect, it } from '@jest/globals';
import { toFailure } from '../../../activities/failures';
import { NoPlaceError } from '../../../src/jobs/sync-places';

describe('a sync that finds no place', () => {
  it('is tried again by Temporal, and says what would make room', () => {
    const failure = toFailure(new NoPlaceError(3), { mask: (text) => text });
    expect(failure).toMatchObject({ type: 'AirbyteUnavailable', nonRetryable: false });
    expect(failure).toMatchObject({ message: expect.stringContaining('AIRBYTE_MAX_CONCURRENT_SYNCS') });
  });
});
