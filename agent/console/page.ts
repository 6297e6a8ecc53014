import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';

/** The files of the built page, or a plain page that says how to build it. */
export function addPage(app: FastifyInstance, assetsDir: string): void {
  if (existsSync(join(assetsDir, 'index.html'))) {
    app.register(fastifyStatic, {
      root: assetsDir,
      cacheControl: false,
      dotfiles: 'deny',
      setHeaders(answer, path) {
        const hashed = relative(assetsDir, path).startsWith('assets');
        answer.header('cache-control', hashed ? 'max-age=31536000, immutable' : 'no-cache');
      },
    });
    return;
  }
  app.get('/', (_request, answer) => answer.type('text/html; charset=utf-8').send(NO_PAGE));
}

const NO_PAGE = `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Meyar</title>
<h1>Meyar is running, but its web page is not built</h1>
<p>Run <code>npm run build:console</code> once, then start the agent again.</p>
<p>The API works without the page: <a href="api/openapi.json">api/openapi.json</a></p>
</html>
`;
