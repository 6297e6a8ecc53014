/** Words of the screen at a station, in the languages of the people who stand there. */
export interface StationWords {
  /** how the language calls itself, and its direction */
  name: string;
  dir: 'ltr' | 'rtl';
  station: string;
  pick: string;
  light: Record<'stop' | 'apart' | 'check' | 'well' | 'silent' | 'learning', string>;
  now: string;
  noPlan: string;
  nothing: string;
  /** well again, but nobody has answered yet */
  unanswered: string;
  value: string;
  buttons: { seen: string; tool: string; lot: string; measure: string };
  seenHelp: string;
  cause: string;
  action: string;
  yourName: string;
  cancel: string;
  send: string;
  sent: string;
  lost: string;
  role: string;
  causes: Record<string, string>;
  actions: Record<string, string>;
  leave: string;
  parts: (n: number) => string;
}

const CAUSES = [
  'Gauge or master',
  'Set-up',
  'Insert or tool worn',
  'Tool broken',
  'Material lot',
  'Machine fault',
  'Coolant or temperature',
  'Planned stop',
  'Cause not found',
];
const ACTIONS = [
  'Tool changed',
  'Compensation corrected',
  'Set up again',
  'Parts kept apart and measured again',
  'Supervisor called',
  'Nothing yet',
];

/** What is recorded is the English word, whatever language it was chosen in. */
const said = (words: string[], as: string[] = words): Record<string, string> =>
  Object.fromEntries(words.map((word, i) => [word, as[i] ?? word]));

const en: StationWords = {
  name: 'English',
  dir: 'ltr',
  station: 'Station',
  pick: 'Which station?',
  light: {
    stop: 'Stop the machine',
    apart: 'Keep parts apart',
    check: 'Caution, check',
    well: 'All well',
    silent: 'No data',
    learning: 'Learning',
  },
  now: 'Do this now',
  noPlan: 'Call the supervisor.',
  nothing: 'Nothing to do. Go on.',
  unanswered: 'It is well again. Press Seen and say what it was.',
  value: 'Last value',
  buttons: {
    seen: 'Seen',
    tool: 'Tool changed',
    lot: 'New lot',
    measure: 'Measure and enter',
  },
  seenHelp: 'No alert waits for an answer.',
  cause: 'What was it?',
  action: 'What did you do?',
  yourName: 'Your name',
  cancel: 'Cancel',
  send: 'Send',
  sent: 'Recorded. Thank you.',
  lost: 'Connection lost. What you see is old.',
  role: 'Log in as operator to answer.',
  causes: said(CAUSES),
  actions: said(ACTIONS),
  leave: 'All pages',
  parts: (n) => `about ${n} parts until the limit`,
};

const ur: StationWords = {
  name: 'اردو',
  dir: 'rtl',
  station: 'اسٹیشن',
  pick: 'کون سا اسٹیشن؟',
  light: {
    stop: 'مشین روکیں',
    apart: 'پرزے الگ رکھیں',
    check: 'خبردار، جانچ کریں',
    well: 'سب ٹھیک ہے',
    silent: 'کوئی ڈیٹا نہیں',
    learning: 'ابھی سیکھ رہا ہے',
  },
  now: 'ابھی یہ کریں',
  noPlan: 'سپروائزر کو بلائیں۔',
  nothing: 'کچھ نہیں کرنا۔ کام جاری رکھیں۔',
  unanswered: 'اب سب ٹھیک ہے۔ دیکھ لیا دبائیں اور وجہ بتائیں۔',
  value: 'آخری ناپ',
  buttons: {
    seen: 'دیکھ لیا',
    tool: 'ٹول تبدیل کیا',
    lot: 'نیا لاٹ',
    measure: 'ناپیں اور لکھیں',
  },
  seenHelp: 'کوئی الرٹ جواب کا منتظر نہیں۔',
  cause: 'وجہ کیا تھی؟',
  action: 'آپ نے کیا کیا؟',
  yourName: 'آپ کا نام',
  cancel: 'منسوخ',
  send: 'بھیجیں',
  sent: 'درج ہو گیا۔ شکریہ۔',
  lost: 'رابطہ ٹوٹ گیا ہے۔ یہ معلومات پرانی ہیں۔',
  role: 'جواب کے لیے آپریٹر کے طور پر لاگ ان کریں۔',
  causes: said(CAUSES, [
    'گیج یا ماسٹر',
    'سیٹ اپ',
    'ٹول گھس گیا',
    'ٹول ٹوٹ گیا',
    'میٹیریل کا لاٹ',
    'مشین کی خرابی',
    'کولنٹ یا درجہ حرارت',
    'طے شدہ بندش',
    'وجہ نہیں ملی',
  ]),
  actions: said(ACTIONS, [
    'ٹول تبدیل کیا',
    'کمپنسیشن درست کی',
    'دوبارہ سیٹ اپ کیا',
    'پرزے الگ کیے اور دوبارہ ناپے',
    'سپروائزر کو بلایا',
    'ابھی کچھ نہیں',
  ]),
  leave: 'تمام صفحات',
  parts: (n) => `حد تک تقریباً ${n} پرزے باقی`,
};

export const STATION_WORDS = { en, ur };
export type Language = keyof typeof STATION_WORDS;
