import { describe, expect, it } from '@jest/globals';
import { checkEnvironment } from '../../../cli/lookup/doctor-checks';
import { unknownVariables } from '../../../src/configuration/unknown-variables';

describe('unknownVariables', () => {
  it('names what nothing reads, with the variable that was probably meant', () => {
    expect(unknownVariables({ AIRBYTE_TASKQUEUE: 'data', AIRBYTE_POLL_INTERVALL: '5s', AIRBYTE_XYZ: '1' })).toEqual([
      { name: 'AIRBYTE_POLL_INTERVALL', nearest: 'AIRBYTE_POLL_INTERVAL' },
      { name: 'AIRBYTE_TASKQUEUE', nearest: 'AIRBYTE_TASK_QUEUE' },
      { name: 'AIRBYTE_XYZ' },
    ]);
  });

  it("knows every variable, the files of credentials, and what is not Airbyte's", () => {
    const env = {
      AIRBYTE_URL: 'http://a',
      AIRBYTE_TOKEN_FILE: '/t',
      AIRBYTE_XYZ: '',
      SECRET_SHOP: 's',
      TEMPORAL_ADDRESS: 't',
    };
    expect(unknownVariables(env)).toEqual([]);
  });

  it('does not take the file of a variable that is no credential', () => {
    expect(unknownVariables({ AIRBYTE_URL_FILE: '/url' })).toMatchObject([{ name: 'AIRBYTE_URL_FILE' }]);
  });
});

describe('doctor', () => {
  it('warns of unknown variables, and never prints a value', () => {
    const check = checkEnvironment({ AIRBYTE_TASKQUEUE: 'hunter2' });
    expect(check.status).toBe('warning');
    expect(check.message).toContain('AIRBYTE_TASKQUEUE (did you mean AIRBYTE_TASK_QUEUE?)');
    expect(check.message).not.toContain('hunter2');
  });

  it('finds nothing to say of variables that are known', () => {
    expect(checkEnvironment({ AIRBYTE_URL: 'http://localhost:8000' }).status).toBe('ok');
  });
});
