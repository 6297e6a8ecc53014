/** The validation record on paper: identity, what was compared, verdict, and places to sign. */
import PDFDocument from 'pdfkit';
import type { ValidationRecord } from './validate.ts';
import { nameOf, PURPOSE, sayDeviation, sayShare, sayVerdict } from './words.ts';

type Document = InstanceType<typeof PDFDocument>;

const MARGIN = 50;
const WIDTH = 595 - 2 * MARGIN;
const BOTTOM = 842 - MARGIN - 20;
const GREY = '#555555';
const COLUMNS = [0, 255, 300, 355, 430] as const;
const MOST_FAILURES = 30;

/** The bytes of the document; the same record gives the same text. */
export function recordPdf(record: ValidationRecord): Promise<Buffer> {
  const doc = new PDFDocument({
    size: 'A4',
    margin: MARGIN,
    bufferPages: true,
    info: {
      Title: `Validation of ${record.program} ${record.version}`,
      Creator: `${record.program} ${record.version}`,
      CreationDate: new Date(record.timeMs),
    },
  });
  const chunks: Buffer[] = [];
  const done = new Promise<Buffer>((resolve, reject) => {
    doc.on('data', (chunk: Buffer) => chunks.push(chunk));
    doc.on('end', () => resolve(Buffer.concat(chunks)));
    doc.on('error', reject);
  });
  head(doc, record);
  kinds(doc, record);
  sets(doc, record);
  failures(doc, record);
  signatures(doc);
  footers(doc, record);
  doc.end();
  return done;
}

function head(doc: Document, record: ValidationRecord): void {
  doc.font('Helvetica-Bold').fontSize(18).text('Software validation record');
  doc.moveDown(0.3).font('Helvetica').fontSize(9).fillColor(GREY).text(PURPOSE).fillColor('black');
  doc.moveDown(0.8);
  const rows = [
    ['Program', `${record.program} ${record.version}`],
    ['Run at', record.date],
    ['Node', record.node],
    ['Platform', record.platform],
  ];
  for (const [label = '', value = ''] of rows) {
    const y = doc.y;
    doc.font('Helvetica-Bold').fontSize(10).text(label, MARGIN, y);
    doc.font('Helvetica').text(value, MARGIN + 90, y);
  }
  doc.moveDown(0.8);
  const passed = record.verdict === 'passed';
  doc.rect(MARGIN, doc.y, WIDTH, 26).fill(passed ? '#e3f3e6' : '#f9e0e0');
  doc
    .fillColor(passed ? '#135c22' : '#8a1010')
    .font('Helvetica-Bold')
    .fontSize(12);
  doc.text(sayVerdict(record), MARGIN + 10, doc.y + 7).fillColor('black');
  doc.x = MARGIN;
  doc.moveDown(1.2);
}

function kinds(doc: Document, record: ValidationRecord): void {
  title(doc, 'What was computed again');
  row(doc, ['calculation', 'cases', 'values', 'deviation', 'of allowed'], true);
  for (const kind of record.kinds) {
    const mark = kind.failed > 0 ? ` (${kind.failed} FAILED)` : '';
    row(doc, [
      nameOf(kind.kind) + mark,
      String(kind.cases),
      String(kind.values),
      sayDeviation(kind.largestRelative),
      sayShare(kind.largestShare),
    ]);
  }
  doc.moveDown(0.4).font('Helvetica').fontSize(8).fillColor(GREY);
  doc.text(
    'deviation: largest difference from the published number, as a share of it. of allowed: largest ' +
      'difference as a share of the tolerance, which follows from the digits that were published ' +
      '(run lengths: 0.5 %; simulated: three standard errors).',
    MARGIN,
    doc.y,
    { width: WIDTH },
  );
  doc.fillColor('black').moveDown(1);
}

function sets(doc: Document, record: ValidationRecord): void {
  title(doc, 'Sources of the published numbers');
  for (const set of record.sets) {
    room(doc, 30);
    doc.font('Helvetica-Bold').fontSize(9);
    doc.text(`${set.title}: ${set.cases - set.failed} of ${set.cases} cases agree`, MARGIN, doc.y);
    doc
      .font('Helvetica')
      .fontSize(8)
      .text(latin(set.sources.join('; ')), { width: WIDTH });
    doc.moveDown(0.4);
  }
  doc.moveDown(0.4);
}

function failures(doc: Document, record: ValidationRecord): void {
  if (record.failures.length === 0) return;
  title(doc, 'What does not agree');
  doc.font('Helvetica').fontSize(8);
  for (const f of record.failures.slice(0, MOST_FAILURES)) {
    room(doc, 14);
    const text = `${f.set}: ${f.name} ${f.path}: expected ${f.expected}, got ${f.actual}`;
    doc.text(latin(text), MARGIN, doc.y, { width: WIDTH });
  }
  const more = record.failures.length - MOST_FAILURES;
  if (more > 0) doc.text(`and ${more} more`);
  doc.moveDown(1);
}

function signatures(doc: Document): void {
  room(doc, 55);
  const y = doc.y + 40;
  ['Run by', 'Accepted by', 'Date'].forEach((label, i) => {
    const x = MARGIN + (i * WIDTH) / 3;
    doc
      .moveTo(x, y)
      .lineTo(x + WIDTH / 3 - 15, y)
      .lineWidth(0.5)
      .stroke();
    doc
      .font('Helvetica')
      .fontSize(8)
      .text(label, x, y + 4);
  });
}

function footers(doc: Document, record: ValidationRecord): void {
  const { start, count } = doc.bufferedPageRange();
  for (let page = start; page < start + count; page += 1) {
    doc.switchToPage(page);
    doc.page.margins.bottom = 0;
    doc.font('Helvetica').fontSize(8).fillColor(GREY);
    const text = `${record.program} ${record.version}, ${record.date}, page ${page + 1} of ${count}`;
    doc.text(text, MARGIN, 842 - MARGIN + 10, { width: WIDTH, align: 'center' });
  }
}

function title(doc: Document, text: string): void {
  room(doc, 60);
  doc.font('Helvetica-Bold').fontSize(12).text(text, MARGIN, doc.y);
  doc.moveDown(0.4);
}

function row(doc: Document, cells: string[], bold = false): void {
  room(doc, 16);
  const y = doc.y;
  doc.font(bold ? 'Helvetica-Bold' : 'Helvetica').fontSize(8.5);
  cells.forEach((cell, i) => {
    const x = COLUMNS[i] ?? 0;
    const width = (COLUMNS[i + 1] ?? WIDTH) - x;
    const align = i === 0 ? 'left' : 'right';
    doc.text(latin(cell), MARGIN + x, y, { width, align, lineBreak: false });
  });
  doc.x = MARGIN;
  doc.y = y + 11.5;
}

/** Starts a page when so much does not fit any more. */
function room(doc: Document, height: number): void {
  if (doc.y + height > BOTTOM) doc.addPage();
}

/** The standard fonts of PDF know Latin letters only. */
function latin(text: string): string {
  const plain = text.replaceAll('X̄', 'X-bar').replaceAll('²', '2');
  return plain.replace(/[^\x20-\x7e\xa1-\xff]/g, '?');
}
