import { describe, expect, it } from '@jest/globals';
import { AirbyteClient, airbyteOptionsFromEnvironment } from '../../../src';
import { connectionPage, webappUrlOf } from '../../../src/airbyte/webapp-urls';

describe("Airbyte's web app", () => {
  it.each([
    ['http://localhost:8000/api/v1', 'http://localhost:8000'],
    ['http://localhost:8000/api/public/v1', 'http://localhost:8000'],
    ['https://airbyte.example.com/api/v1', 'https://airbyte.example.com'],
    ['https://example.com/tools/airbyte/api/v1', 'https://example.com/tools/airbyte'],
    ['https://api.airbyte.com/v1', 'https://cloud.airbyte.com'],
    ['https://cloud.airbyte.com/api/v1', 'https://cloud.airbyte.com'],
  ])('has the usual address for an API: for %s it is %s', (api, webapp) => {
    expect(webappUrlOf(api)).toBe(webapp);
  });

  it("is not on the server's own port", () => {
    expect(webappUrlOf('http://localhost:8001/api/v1')).toBe('http://localhost:8000');
  });

  it('has a page for each connection', () => {
    expect(connectionPage('https://airbyte.example.com', 'default-workspace-id', 'c 1')).toBe(
      'https://airbyte.example.com/workspaces/default-workspace-id/connections/c%201',
    );
  });
});

describe('AIRBYTE_WEBAPP_URL', () => {
  const api = { AIRBYTE_URL: 'http://airbyte-server.airbyte:8001/api/v1' };

  it.each([
    ['https://airbyte.example.com', 'https://airbyte.example.com'],
    [' https://example.com/airbyte/ ', 'https://example.com/airbyte'],
  ])('says where users open it: %j', async (text, webappUrl) => {
    const client = new AirbyteClient(airbyteOptionsFromEnvironment({ ...api, AIRBYTE_WEBAPP_URL: text }));
    expect(client.webappUrl).toBe(webappUrl);
    await client.close();
  });

  it.each([
    'airbyte.local',
    'ftp://airbyte',
    'https://me:secret@airbyte',
    'https://airbyte/?a=1',
    'https://airbyte/#a',
  ])('is rejected without repeating it when it is %j', (text) => {
    const read = () => airbyteOptionsFromEnvironment({ ...api, AIRBYTE_WEBAPP_URL: text });
    expect(read).toThrow(/^AIRBYTE_WEBAPP_URL is not the address of a web app/);
    expect(read).not.toThrow(text);
  });
});
