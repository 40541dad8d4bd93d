import { describe, expect, it } from '@jest/globals';
import { pipelineDocumentSchema } from '../../../src/contract/pipeline-document';
import { syncConnectionInputSchema } from '../../../src/contract/sync-options';
import { pipelineStaticDetails, summary, syncStaticDetails } from '../../../src/details/static-details';
import { typicalDocument } from '../contract/typical-document';

const connection = {
  connectionId: 'c1',
  name: 'PostgreSQL → Parquet',
  workspaceId: 'w1',
  webappUrl: 'https://airbyte.example.com',
};
const options = syncConnectionInputSchema().parse({ connectionId: 'c1', timeout: '6h', minimumRecords: 10 });

describe('a summary', () => {
  it('is one line', () => {
    expect(summary(' Check\n the source ')).toBe('Check the source');
  });

  it.each(['x', 'é', '→', '🦉'])('is never longer than the 400 bytes that Temporal takes: of %s', (character) => {
    const text = summary(character.repeat(500));
    expect(text.endsWith(`${character}…`)).toBe(true);
    expect(Buffer.byteLength(JSON.stringify(text)) + 'encodingjson/plain'.length).toBeLessThan(390);
  });
});

describe('of a sync', () => {
  it('the summary is the name of the connection, and the details tell its id, its page in Airbyte and the options', () => {
    expect(syncStaticDetails(connection, options)).toEqual({
      staticSummary: 'PostgreSQL → Parquet',
      staticDetails: [
        '- **Connection**: PostgreSQL → Parquet, `c1`',
        '- **In Airbyte**: [https://airbyte.example.com/workspaces/w1/connections/c1](https://airbyte.example.com/workspaces/w1/connections/c1)',
        '- **Options**: `jobType: sync`, `onRunning: attach`, `timeout: 6h`, `onTimeout: cancel`, `maximumAttempts: 1`, `minimumRecords: 10`, `unmeasured: warn`',
      ].join('\n'),
    });
  });

  it('the id stands for a name that is not known, and there is no link without a workspace', () => {
    const { staticSummary, staticDetails } = syncStaticDetails({ connectionId: 'c1' }, options);
    expect(staticSummary).toBe('connection c1');
    expect(staticDetails).toContain('- **Connection**: `c1`\n');
    expect(staticDetails).not.toContain('Airbyte');
  });
});

describe('of a pipeline', () => {
  it('the details tell what it connects, and how it syncs', () => {
    const { staticSummary, staticDetails } = pipelineStaticDetails(pipelineDocumentSchema().parse(typicalDocument()));
    expect(staticSummary).toBe('PostgreSQL → MinIO');
    expect(staticDetails).toContain('**Source**: shop (Postgres)');
    expect(staticDetails).toContain('**Destination**: lake (S3)');
    expect(staticDetails).toContain('`timeout: ');
  });

  it('the details say that nothing is synced', () => {
    const document = pipelineDocumentSchema().parse({ ...typicalDocument(), sync: false });
    expect(pipelineStaticDetails(document).staticDetails).toContain('**Sync**: none');
  });

  it('the details hold nothing of a configuration', () => {
    expect(pipelineStaticDetails(pipelineDocumentSchema().parse(typicalDocument())).staticDetails).not.toContain(
      'SECRET',
    );
  });
});
