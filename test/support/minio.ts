import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import { freePorts } from '../../tools/free-ports';
import { SupervisedProcess } from '../../tools/supervised-process';
import { readObjects, type S3Access, s3Client } from './s3-objects';
import { until } from './until';

const HOST = '127.0.0.1';

/** A MinIO on a free port, with a folder of its own. */
export class Minio {
  private constructor(
    private readonly server: SupervisedProcess,
    private readonly folder: string,
    readonly access: S3Access,
    private readonly client = s3Client(access),
  ) {}

  /** @param program the path of `minio` */
  static async start(program: string): Promise<Minio> {
    const folder = await mkdtemp(join(tmpdir(), 'minio-'));
    const [port, consolePort] = await freePorts(2);
    const access = { url: `http://${HOST}:${port}`, accessKeyId: 'minioadmin', secretAccessKey: secret() };
    const server = new SupervisedProcess({
      name: 'MinIO',
      file: program,
      args: ['server', folder, '--address', `${HOST}:${port}`, '--console-address', `${HOST}:${consolePort}`],
      env: { ...process.env, MINIO_ROOT_USER: access.accessKeyId, MINIO_ROOT_PASSWORD: access.secretAccessKey },
    });
    const minio = new Minio(server, folder, access);
    const ended = server.exited.then(() => {
      throw new Error(`MinIO ended before it was ready: ${server.outputTail}`);
    });
    const isReady = () =>
      fetch(`${access.url}/minio/health/ready`).then(
        ({ ok }) => ok,
        () => false,
      );
    try {
      await Promise.race([until(isReady), ended]);
    } catch (error) {
      await minio.stop();
      throw error;
    }
    return minio;
  }

  async createBucket(name: string): Promise<void> {
    await this.client.send(new CreateBucketCommand({ Bucket: name }));
  }

  objects(bucket: string): Promise<Map<string, Uint8Array>> {
    return readObjects(this.client, bucket);
  }

  async stop(): Promise<void> {
    this.client.destroy();
    await this.server.kill();
    await rm(this.folder, { recursive: true, force: true });
  }
}

const secret = () => randomBytes(12).toString('hex');
