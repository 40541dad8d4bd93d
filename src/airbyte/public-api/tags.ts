import type { CallOptions } from '../calls';
import { toUnsupportedError } from '../errors';
import { TAGS_UNSUPPORTED_ADVICE, type Tags } from '../resources';
import { type Tag, tagSchema } from '../schemas';
import type { PublicApi } from './public-api';

export class PublicTags implements Tags {
  readonly #api: PublicApi;

  constructor(api: PublicApi) {
    this.#api = api;
  }

  /** Airbyte gives all tags in one response; a workspace has at most 100. */
  async list(workspaceId: string, options?: CallOptions): Promise<Tag[]> {
    try {
      return await this.#api.list('tags', { workspaceIds: [workspaceId] }, tagSchema, options);
    } catch (error) {
      throw toUnsupportedError(error, TAGS_UNSUPPORTED_ADVICE);
    }
  }
}
