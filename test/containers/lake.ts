/** Reads what syncs have written to the MinIO of docker-compose.yml. */
import { readObjects, s3Client } from '../support/s3-objects';
import { parquetRows } from '../unit/sandbox/parquet-rows';
import type { ComposeStack } from './compose-stack';

/** The rows of all Parquet files below a folder of the bucket. */
export async function lakeRows(stack: ComposeStack, folder: string): Promise<Record<string, unknown>[]> {
  const client = s3Client({
    url: 'http://127.0.0.1:9000',
    accessKeyId: stack.secret('lake-access-key'),
    secretAccessKey: stack.secret('lake-secret-key'),
  });
  try {
    const rows: Record<string, unknown>[] = [];
    const objects = await readObjects(client, 'lake', `${folder}/`);
    for (const bytes of objects.values()) rows.push(...(await parquetRows(bytes)));
    return rows;
  } finally {
    client.destroy();
  }
}
