import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** Debian package that brings each program the tests use. */
const PACKAGES: Record<string, string> = {
  mosquitto: 'mosquitto',
  influxd: 'influxdb',
  'victoria-metrics': 'victoria-metrics',
  chromium: 'chromium-headless-shell',
  faketime: 'faketime',
  mbpoll: 'mbpoll',
  gcc: 'gcc',
  openssl: 'openssl',
  'systemd-analyze': 'systemd',
  pdftotext: 'poppler-utils',
  zbarimg: 'zbar-tools',
};

/** Programs that do as well as the one that is asked for. */
const AS_WELL: Record<string, string> = { chromium: 'chromium-headless-shell' };

/**
 * True when the program is there. Says which Debian package is missing otherwise; on CI a missing
 * program is an error, so that nothing is skipped without anybody noticing.
 */
export function needs(program: keyof typeof PACKAGES & string): boolean {
  const found = [program, AS_WELL[program]].some((one) => one !== undefined && installed(one));
  return found || missing(`'${program}'`, PACKAGES[program]);
}

function installed(program: string): boolean {
  try {
    execFileSync('which', [program], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** The same for a module of Debian's own Python. */
export function needsPython(module: string, packageName: string): boolean {
  try {
    execFileSync('/usr/bin/python3', ['-c', `import ${module}`], { stdio: 'ignore' });
    return true;
  } catch {
    return missing(`Python's '${module}'`, packageName);
  }
}

/** The same for a C library that a test compiles against, told by its header. */
export function needsHeader(header: string, packageName: string): boolean {
  return existsSync(header) || missing(`'${header}'`, packageName);
}

function missing(what: string, packageName: string | undefined): false {
  const message = `skipped: ${what} is missing; apt-get install ${packageName}`;
  if (process.env['CI'] === 'true') throw new Error(message);
  console.warn(message);
  return false;
}
