import { describe, expect, it } from '@jest/globals';
import { nearestName } from '../../../src/text/nearest-name';

describe('the name that was probably meant', () => {
  const known = ['name', 'syncMode', 'destinationSyncMode', 'cursorField', 'streams'];

  it.each([
    ['streems', 'streams'],
    ['sync_mode', 'syncMode'],
    ['SyncMode', 'syncMode'],
    ['cursor-field', 'cursorField'],
    ['destinationSyncmod', 'destinationSyncMode'],
    ['nmae', 'name'],
    ['x', undefined],
    ['', undefined],
    ['replication', undefined],
  ])('of %j is %j', (name, meant) => {
    expect(nearestName(name, known)).toBe(meant);
  });

  it('is the nearest of several', () => {
    expect(nearestName('streans', ['strands', 'streams'])).toBe('streams');
  });
});
