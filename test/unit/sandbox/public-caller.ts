import { ApiCaller, type ApiResponse } from './api-caller';

/** Calls of the public API of one sandbox. */
export class PublicCaller extends ApiCaller {
  /** A call such as `GET jobs?limit=5`; its response, whatever the status. */
  async ask(call: string, body?: object): Promise<ApiResponse> {
    const [method = 'GET', path = ''] = call.split(' ');
    return this.control(method, path.startsWith('http') ? path : `/api/public/v1/${path}`, body);
  }

  /** The body of a call that has to succeed. */
  async get(call: string, body?: object): Promise<ApiResponse['body']> {
    const response = await this.ask(call, body);
    if (response.status >= 300)
      throw new Error(`${call} responded with ${response.status}: ${JSON.stringify(response.body)}`);
    return response.body;
  }
}
