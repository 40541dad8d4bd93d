import { spawn } from 'node:child_process';
import { programOnPath } from '../../tools/program-on-path';
import type { Terminal } from './terminal';

/**
 * Opens a page in the user's browser.
 *
 * @returns false where there is none, or no terminal: then a program or a remote shell runs the command
 */
export async function openInBrowser(url: string, { env, stdout }: Terminal): Promise<boolean> {
  const command = stdout.isTTY ? browserCommand(env) : undefined;
  if (command === undefined) return false;
  const [program, ...args] = command;
  const browser = spawn(program, [...args, url], { stdio: 'ignore', detached: true, env });
  return new Promise((resolve) => {
    browser.once('error', () => resolve(false));
    browser.once('spawn', () => {
      // The browser outlives the command.
      browser.unref();
      resolve(true);
    });
  });
}

type Command = [program: string, ...args: string[]];

/** The program that opens pages: that of `BROWSER`, as in other command line tools, or that of the system. */
function browserCommand(env: NodeJS.ProcessEnv): Command | undefined {
  if (env['BROWSER']) return [env['BROWSER']];
  if (process.platform === 'darwin') return ['open'];
  if (process.platform === 'win32') return ['rundll32', 'url.dll,FileProtocolHandler'];
  const program = env['DISPLAY'] || env['WAYLAND_DISPLAY'] ? programOnPath('xdg-open', env) : undefined;
  return program === undefined ? undefined : [program];
}
