import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Files of one certificate. */
export interface Certificate {
  cert: string;
  key: string;
}

/** A certificate authority made with openssl, and what it signed. */
export interface Authority {
  /** certificate of the authority */
  ca: string;
  /** for `names` (DNS names and IP addresses); valid by default from yesterday for a month */
  issue(names: readonly string[], valid?: { from: Date; to: Date }): Certificate;
  /** certificate of a client */
  client(name: string): Certificate;
  remove(): void;
}

const DAY_MS = 86_400_000;

/** A new authority in a folder of its own. */
export function makeAuthority(name: string): Authority {
  const folder = mkdtempSync(join(tmpdir(), 'meyar-ca-'));
  const path = (file: string) => join(folder, file);
  const run = (...words: string[]) =>
    execFileSync('openssl', words, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
  let made = 0;
  const config = ['[ca]', 'default_ca = own', '[own]', 'database = index', 'new_certs_dir = .'];
  const more = ['rand_serial = yes', 'default_md = sha256', 'policy = any', 'unique_subject = no'];
  const rest = ['certificate = ca.pem', 'private_key = ca.key', '[any]', 'commonName = supplied'];
  writeFileSync(path('ca.cnf'), [...config, ...more, ...rest, ''].join('\n'));
  writeFileSync(path('index'), '');
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  run(
    'req',
    '-x509',
    ...key,
    '-keyout',
    'ca.key',
    '-out',
    'ca.pem',
    '-subj',
    `/CN=${name}`,
    '-days',
    '3650',
  );

  const sign = (subject: string, extensions: string[], valid: { from: Date; to: Date }) => {
    made += 1;
    const own = `c${made}`;
    run('req', ...key, '-keyout', `${own}.key`, '-out', `${own}.csr`, '-subj', `/CN=${subject}`);
    writeFileSync(path(`${own}.ext`), `${extensions.join('\n')}\n`);
    const dates = ['-startdate', stamp(valid.from), '-enddate', stamp(valid.to)];
    const files = ['-in', `${own}.csr`, '-out', `${own}.pem`, '-extfile', `${own}.ext`];
    run('ca', '-batch', '-notext', '-config', 'ca.cnf', ...dates, ...files);
    return { cert: path(`${own}.pem`), key: path(`${own}.key`) };
  };
  const month = () => ({
    from: new Date(Date.now() - DAY_MS),
    to: new Date(Date.now() + 30 * DAY_MS),
  });
  return {
    ca: path('ca.pem'),
    issue(names, valid = month()) {
      const list = names.map((one) => (/^[\d.]+$|:/.test(one) ? `IP:${one}` : `DNS:${one}`));
      const server = ['extendedKeyUsage = serverAuth', `subjectAltName = ${list.join(',')}`];
      return sign(names[0] ?? 'nobody', server, valid);
    },
    client: (subject) => sign(subject, ['extendedKeyUsage = clientAuth'], month()),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** UTC as openssl writes it: YYYYMMDDHHMMSSZ. */
const stamp = (date: Date) => `${date.toISOString().replace(/[-:T]/g, '').slice(0, 14)}Z`;
