import type { Notice } from './channel.ts';

interface MailPlace {
  from: string;
  to: readonly string[];
  link?: string | undefined;
}

/** One notice as a mail: what, where, value, what to do; the same in plain text and in HTML. */
export function mailOf(notice: Notice, { from, to, link }: MailPlace) {
  const { event, key, site, title, text } = notice;
  const { alert } = event;
  const place = from.slice(from.lastIndexOf('@') + 1).replace('>', '');
  const id = (name: string) => `<${name.replace(/[^A-Za-z0-9._-]/g, '_')}@${place}>`;
  const page = link === undefined ? null : `${link.replace(/\/+$/, '')}/#/alerts`;
  const foot = page === null ? site : `${site}\n${page}`;
  return {
    from,
    to: [...to],
    // One line whatever a machine sent: a line break would begin a header of its own.
    subject: title.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').slice(0, 500),
    messageId: id(key),
    // Mail programs put all steps of one alert together.
    references: id(`alert-${alert.id}`),
    headers: { 'Auto-Submitted': 'auto-generated', 'X-Meyar-Key': key.replace(/\p{Cc}/gu, ' ') },
    text: `${text}\n\n-- \n${foot}\n`,
    html: htmlOf(notice, page),
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}

function htmlOf({ event, site, title, text }: Notice, page: string | null): string {
  const { alert } = event;
  const where = [site, ...Object.entries(alert.context).map(([name, value]) => `${name} ${value}`)];
  const value = alert.value === null ? '' : `${alert.value} ${alert.unit}`.trim();
  const rows: [string, string][] = [
    ['What', alert.title],
    ['Where', where.join(', ')],
    ['Value', value],
    ['Details', alert.detail],
    ['Class', alert.class === 'none' ? '' : alert.class],
    ['What to do', alert.reactionPlan],
  ];
  const cells = rows
    .filter(([, said]) => said !== '')
    .map(
      ([name, said]) => `<tr><th align="left" valign="top">${name}</th><td>${safe(said)}</td></tr>`,
    );
  const link = page === null ? '' : `<p><a href="${safe(page)}">Open the alerts</a></p>`;
  return (
    `<!doctype html><html><body><h1 style="font-size:1.2em">${safe(title)}</h1>` +
    `<table cellpadding="4">${cells.join('')}</table>` +
    `<p>${safe(text).replace(/\n/g, '<br>')}</p>${link}</body></html>`
  );
}

const safe = (text: string) => text.replace(/[&<>"']/g, (sign) => `&#${sign.codePointAt(0)};`);
