// Fails on words that this project does not use, since it has one word for each thing. `npm run check` runs it over code,
// tests, comments, messages and docs. CONTRIBUTING.md says why.
const { execFileSync } = require('node:child_process');
const { readFileSync } = require('node:fs');
const { join } = require('node:path');

const root = join(__dirname, '..');

/** What not to write, and what to write instead. */
const WORDS = [
  [/\banswer(s|ed|ing)?\b/i, 'response, respond; reply of a person: reply'],
  [/\b(look(s|ed|ing)? (at|into|again)|glances?|ticks?)\b/i, 'poll, read, check'],
  [/\brefusals?\b/i, 'error response, rejection'],
  [/\b(RequestPace|pace[sd]?)\b/i, 'rate limit'],
  [/\b(SyncPlaces|LackedCalls|preferring|lacked)\b/, 'SyncSlots, UnsupportedEndpoints, withFallback'],
  [/\b(asKept|(wanted|kept)[A-Z]\w*|(Wanted|Kept)[A-Z]\w*)\b/, 'desired, actual'],
  [/\b(whoever|those who|a person)\b/i, 'caller, waiter, operator, user'],
  [/(?<!['"`])\b(some|any|no)body\b(?!['"`])/i, 'caller, operator, user; or the actor itself'],
  [/\b(at once|besides?)\b/i, 'concurrently, in parallel; immediately; next to, also'],
  [/\bcircles?\b(?!:)/i, 'cycle'],
  [/\b(mend(s|ed|ing)?|passing trouble)\b/i, 'fix; non-retryable, retryable'],
  [/\b(hand(s|ed|ing)? over|in peace)\b/i, 'graceful shutdown, drain; pass on'],
  [/\b(what there is|br(ings?|ought|inging) about)\b/i, 'the actual …; create, apply'],
];

/** What the project did before, and what is not ours to word. */
const LEFT_OUT =
  /^(CHANGELOG\.md|scripts\/check-words\.js|package-lock\.json|test\/replay\/histories\/|docs\/images\/)/;
const TEXTS = /\.(ts|js|cjs|mjs|md|ya?ml|json|sh|py|go|java|sql|toml)$|(^|\/)(Dockerfile|\.env\.example)$/;

let found = 0;
for (const file of execFileSync('git', ['ls-files'], { cwd: root, encoding: 'utf8' }).split('\n')) {
  if (!TEXTS.test(file) || LEFT_OUT.test(file)) continue;
  readFileSync(join(root, file), 'utf8')
    .split('\n')
    .forEach((line, index) => {
      for (const [pattern, instead] of WORDS) {
        const match = pattern.exec(line);
        if (match === null) continue;
        found += 1;
        console.error(`${file}:${index + 1}: '${match[0]}' (say: ${instead}): ${line.trim().slice(0, 160)}`);
      }
    });
}
if (found > 0) {
  console.error(`${found} words to replace.`);
  process.exitCode = 1;
}
