import type { CallOptions } from '../calls';
import { toUnsupportedError } from '../errors';
import { TAGS_UNSUPPORTED_ADVICE, type Tags } from '../resources';
import { type Tag, tagSchema } from '../schemas';
import type { ConfigApi } from './config-api';

export class ConfigTags implements Tags {
  readonly #api: ConfigApi;

  constructor(api: ConfigApi) {
    this.#api = api;
  }

  async list(workspaceId: string, options?: CallOptions): Promise<Tag[]> {
    try {
      return await this.#api.list('tags/list', { workspaceId }, undefined, tagSchema, options);
    } catch (error) {
      throw toUnsupportedError(error, TAGS_UNSUPPORTED_ADVICE);
    }
  }
}
