// `npm run release -- --key KEY.pem --out DIR`: packs what was built, and signs it. The same commit,
// built anywhere, gives an archive with the same hash; the private key never leaves its machine.
//   make a key:  openssl genpkey -algorithm ed25519 -out release-key.pem
//                openssl pkey -in release-key.pem -pubout -out release-key.pub   (into the repository)
import { mkdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { MIGRATIONS } from '../agent/store/migrations.ts';
import { makeRelease } from '../agent/update/pack.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const options = { key: { type: 'string' }, out: { type: 'string', default: 'release' } };
const { values } = parseArgs({ options });
if (values.key === undefined) {
  console.error('npm run release -- --key KEY.pem [--out DIR]: name the private key');
  process.exit(2);
}
mkdirSync(values.out, { recursive: true });
const made = makeRelease(root, readFileSync(values.key, 'utf8'), MIGRATIONS.length, values.out);
console.log(JSON.stringify(made));
