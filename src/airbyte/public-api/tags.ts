import { z } from 'zod';
import { asUnsupported } from '../errors';
import type { CallOptions } from '../http';
import { TAGS_SINCE, type Tags } from '../resources';
import { looseRecord, type Tag, tagSchema } from '../schemas';
import type { PublicApi } from './public-api';

export class PublicTags implements Tags {
  readonly #api: PublicApi;

  constructor(api: PublicApi) {
    this.#api = api;
  }

  /** Airbyte gives all at once, of which there are at most 100. */
  async list(workspaceId: string, options?: CallOptions): Promise<Tag[]> {
    const schema = looseRecord({ data: z.array(tagSchema) });
    try {
      return (await this.#api.get('tags', { workspaceIds: [workspaceId] }, schema, options)).data;
    } catch (error) {
      throw asUnsupported(error, TAGS_SINCE);
    }
  }
}
