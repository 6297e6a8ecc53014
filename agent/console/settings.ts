import { z } from 'zod';

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|::1|\[::1\])$/;

/** True when only programs on the same machine can reach an address. */
function isLoopback(host: string): boolean {
  return LOOPBACK.test(host);
}

/** The `console:` part of the settings file. Other machines are let in only on purpose. */
export const consoleSettings = z
  .strictObject({
    host: z
      .string()
      .min(1)
      .default('127.0.0.1')
      .describe('Address the web page listens on; 127.0.0.1 lets in this machine only.'),
    port: z
      .int()
      .min(0)
      .max(65_535)
      .default(8080)
      .describe('TCP port of the web page and the API; 0 takes any free port.'),
    tls: z
      .strictObject({
        cert: z.string().min(1).describe('File of the certificate (PEM), with those it hangs on'),
        key: z.string().min(1).describe('File of its private key (PEM)'),
      })
      .optional()
      .describe('Certificate of the page: needed before other machines are let in.'),
    behindProxy: z
      .boolean()
      .default(false)
      .describe(
        'true: a proxy in front speaks TLS with the browsers, and nothing else can reach this ' +
          'address. The last address in X-Forwarded-For is then taken for the person’s.',
      ),
    hostNames: z
      .array(z.string().min(1).max(253))
      .max(16)
      .default([])
      .describe('Host names people type to reach the page, besides localhost and IP addresses.'),
  })
  .refine((s) => s.tls !== undefined || s.behindProxy || isLoopback(s.host), {
    path: ['host'],
    error:
      'this address is reachable from other machines, and passwords would cross the network ' +
      'readable: use 127.0.0.1, or set tls: {cert, key}, or behindProxy: true behind a proxy with TLS',
  });

/** The `security:` part of the settings file. */
export const securitySettings = z
  .strictObject({
    secondFactor: z
      .enum(['off', 'optional', 'required'])
      .default('optional')
      .describe(
        'Codes of an app beside the password. optional: whoever sets it up is asked for it. ' +
          'required: without one, quality and admin have the rights of an operator until they set ' +
          'it up. off: nobody is asked.',
      ),
    refusedPasswords: z
      .string()
      .min(1)
      .optional()
      .describe(
        'File with more passwords nobody may take, one in a line (.gz too): a list of leaked ones, say',
      ),
  })
  .describe('How people prove who they are');

export type SecuritySettings = z.output<typeof securitySettings>;

export type ConsoleSettings = z.output<typeof consoleSettings>;

/** Browsers reach the page by TLS, here or at a proxy. */
export const isSecure = (s: ConsoleSettings): boolean => s.tls !== undefined || s.behindProxy;

/** People on other machines reach the page: without users it stays shut. */
export const needsUsers = (s: ConsoleSettings): boolean => s.behindProxy || !isLoopback(s.host);
