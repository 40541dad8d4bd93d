import { createInterface } from 'node:readline';
import { withoutControls } from '../../src/text/control-characters';

/** Asks for a yes. Anything else, Ctrl-C and the end of the input are a no: the answer that destroys nothing. */
export function askForConfirmation(
  question: string,
  input: NodeJS.ReadableStream = process.stdin,
  output: NodeJS.WritableStream = process.stderr,
): Promise<boolean> {
  return new Promise((resolve) => {
    const reader = createInterface({ input, output });
    const answer = (yes: boolean): void => {
      resolve(yes);
      reader.close();
    };
    reader.once('SIGINT', () => answer(false));
    reader.once('close', () => answer(false));
    reader.question(withoutControls(question), (text) => answer(/^y(es)?$/i.test(text.trim())));
  });
}
