import { chmod, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { runCommand } from './cli-command';

/**
 * A program that scripts call as they call `temporal-airbyte`, but whose commands run in the test's own process: see
 * {@link runCommand}. It passes on its arguments and its environment, and prints and ends as the command does, though only
 * after the command has ended. A command whose signals matter needs a process of its own.
 *
 * @param file where the program is written
 * @returns closes what the program talks to
 */
export async function installCommand(file: string): Promise<() => Promise<void>> {
  const server = createServer((socket) => void serve(socket).catch((error: Error) => socket.destroy(error)));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  await writeFile(file, programFor((server.address() as AddressInfo).port));
  await chmod(file, 0o755);
  return () => new Promise((resolve) => server.close(() => resolve()));
}

const programFor = (port: number) => `#!/usr/bin/env bash
exec 3<>/dev/tcp/127.0.0.1/${port}
{ printf '%s\\0' "$#" "$@"; env -0; printf '\\0'; } >&3
read -r code bytes <&3
head -c "$bytes" <&3
cat <&3 >&2
exit "$code"
`;

async function serve(socket: Socket): Promise<void> {
  let received = '';
  socket.setEncoding('utf8');
  for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
    received += chunk;
    const request = readRequest(received);
    if (request === undefined) continue;
    const { exitCode, stdout, stderr } = await runCommand(request.args, request.env);
    socket.end(`${exitCode} ${Buffer.byteLength(stdout)}\n${stdout}${stderr}`);
    return;
  }
}

/** The number of arguments, the arguments, and the variables up to an empty one; undefined before all of it is there. */
function readRequest(received: string): { args: string[]; env: NodeJS.ProcessEnv } | undefined {
  const [count, ...values] = received.split('\0').slice(0, -1);
  const end = values.indexOf('', Number(count));
  if (end === -1) return undefined;
  const variables = values.slice(Number(count), end).map((variable) => {
    const [name = '', ...value] = variable.split('=');
    return [name, value.join('=')];
  });
  return { args: values.slice(0, Number(count)), env: Object.fromEntries(variables) };
}
