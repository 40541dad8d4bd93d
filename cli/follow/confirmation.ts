import { createInterface } from 'node:readline';
import { withoutControls } from '../../src/text/control-characters';

/** Asks for a yes. Anything else, Ctrl-C and the end of the input count as no, because that destroys nothing. */
export function askForConfirmation(
  question: string,
  input: NodeJS.ReadableStream = process.stdin,
  output: NodeJS.WritableStream = process.stderr,
): Promise<boolean> {
  return new Promise((resolve) => {
    const reader = createInterface({ input, output });
    const settle = (yes: boolean): void => {
      resolve(yes);
      reader.close();
    };
    reader.once('SIGINT', () => settle(false));
    reader.once('close', () => settle(false));
    reader.question(withoutControls(question), (text) => settle(/^y(es)?$/i.test(text.trim())));
  });
}
