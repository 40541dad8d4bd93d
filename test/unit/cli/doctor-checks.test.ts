import { describe, expect, it } from '@jest/globals';
import { checkEnvironment, checkNode } from '../../../cli/doctor-checks';

describe('doctor', () => {
  it.each([
    ['18.20.0', 'failed'],
    ['20.18.9', 'failed'],
    ['20.19.0', 'ok'],
    ['22.1.0', 'ok'],
  ])('finds Node.js %s %s', (version, status) => {
    expect(checkNode(version).status).toBe(status);
  });

  it('tells which variables are set and never their values', () => {
    const { message } = checkEnvironment({
      AIRBYTE_TOKEN: 'hush-1',
      SECRET_SHOP_PASSWORD: 'hush-2',
      TEMPORAL_ADDRESS: '',
      HOME: '/home/somebody',
    });
    expect(message).toBe('set are AIRBYTE_TOKEN, SECRET_SHOP_PASSWORD');
  });

  it('refuses an environment that a worker could not use', () => {
    expect(() => checkEnvironment({ AIRBYTE_POLL_INTERVAL: 'often' })).toThrow(/AIRBYTE_POLL_INTERVAL/);
  });
});
