import { execFileSync } from 'node:child_process';

/** Debian package that brings each program the tests use. */
const PACKAGES: Record<string, string> = {
  mosquitto: 'mosquitto',
  influxd: 'influxdb',
  'victoria-metrics': 'victoria-metrics',
  chromium: 'chromium',
  faketime: 'faketime',
  mbpoll: 'mbpoll',
  openssl: 'openssl',
  'systemd-analyze': 'systemd',
  pdftotext: 'poppler-utils',
};

/**
 * True when the program is there. Says which Debian package is missing otherwise; on CI a missing
 * program is an error, so that nothing is skipped without anybody noticing.
 */
export function needs(program: keyof typeof PACKAGES & string): boolean {
  try {
    execFileSync('which', [program], { stdio: 'ignore' });
    return true;
  } catch {
    const message = `skipped: '${program}' is missing; apt-get install ${PACKAGES[program]}`;
    if (process.env['CI'] === 'true') throw new Error(message);
    console.warn(message);
    return false;
  }
}

/** The same for a module of Debian's own Python. */
export function needsPython(module: string, packageName: string): boolean {
  try {
    execFileSync('/usr/bin/python3', ['-c', `import ${module}`], { stdio: 'ignore' });
    return true;
  } catch {
    const message = `skipped: Python's '${module}' is missing; apt-get install ${packageName}`;
    if (process.env['CI'] === 'true') throw new Error(message);
    console.warn(message);
    return false;
  }
}
