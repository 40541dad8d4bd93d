import { type ApiAnswer, ApiCaller } from './api-caller';

/** Calls of the public API of one sandbox. */
export class PublicCaller extends ApiCaller {
  /** A call such as `GET jobs?limit=5`; its answer, whatever the status. */
  async ask(call: string, body?: object): Promise<ApiAnswer> {
    const [method = 'GET', path = ''] = call.split(' ');
    return this.control(method, path.startsWith('http') ? path : `/api/public/v1/${path}`, body);
  }

  /** The body of a call that has to succeed. */
  async get(call: string, body?: object): Promise<ApiAnswer['body']> {
    const answer = await this.ask(call, body);
    if (answer.status >= 300) throw new Error(`${call} answered ${answer.status}: ${JSON.stringify(answer.body)}`);
    return answer.body;
  }
}
