import { z } from 'zod';

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|::1|\[::1\])$/;

/** True when only programs on the same machine can reach an address. */
export function isLoopback(host: string): boolean {
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
    allowRemote: z
      .boolean()
      .default(false)
      .describe('Must be true before another address than loopback is used: there is no login.'),
    hostNames: z
      .array(z.string().min(1).max(253))
      .max(16)
      .default([])
      .describe('Host names people type to reach the page, besides localhost and IP addresses.'),
  })
  .refine((s) => s.allowRemote || isLoopback(s.host), {
    path: ['host'],
    error:
      'this address is reachable from other machines, and the page has no login: ' +
      'use 127.0.0.1, or set allowRemote: true when the network is trusted',
  });

export type ConsoleSettings = z.output<typeof consoleSettings>;
