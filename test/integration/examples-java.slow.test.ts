/** The program in `examples/java/`, with the Temporal SDK for Java. */
import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { afterAll, expect } from '@jest/globals';
import { Program } from '../support/child-program';
import { copyAndInstall, describeIfInstalled } from '../support/installed-packages';
import { testCaller } from './caller-cases';

const FOLDER = join(__dirname, '../../examples/java');
const DOWNLOAD_TIMEOUT_MS = 5 * 60_000;

/** Downloads the plugins by which Maven compiles the program, too. */
const copyWithJars = () =>
  copyAndInstall(FOLDER, (cwd) => {
    const goals = ['dependency:resolve-plugins', 'dependency:build-classpath', '-Dmdep.outputFile=classpath'];
    execFileSync('mvn', ['--quiet', '--batch-mode', ...goals], { cwd, stdio: 'pipe', timeout: DOWNLOAD_TIMEOUT_MS });
    execFileSync('javac', ['--version'], { stdio: 'pipe' });
  });

describeIfInstalled('from Java', 'the packages of examples/java', copyWithJars, (folder) => {
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  testCaller(async () => {
    const compilation = new Program('mvn', ['--quiet', '--batch-mode', '--file', folder, 'compile'], process.env);
    expect({ exitCode: await compilation.exited, printed: compilation.stdout }).toMatchObject({ exitCode: 0 });
    const classpath = [join(folder, 'target/classes'), readFileSync(join(folder, 'classpath'), 'utf8')].join(delimiter);
    return { file: 'java', args: ['-cp', classpath, 'airbyte.CallAirbyte'] };
  });
});
