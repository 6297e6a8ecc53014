/** One topic template, compiled: what to subscribe to and what its levels are called. */
export interface TopicTemplate {
  /** the filter the broker understands */
  filter: string;
  /** values of the {names} in a concrete topic, null when the topic does not fit */
  match(topic: string): Record<string, string> | null;
}

const CAPTURE = /^\{([A-Za-z][A-Za-z0-9_]*)\}$/;
const NAME = /\{([A-Za-z][A-Za-z0-9_]*)\}/g;

/** Why a text is no topic template, undefined when it is one. */
export function topicError(text: string): string | undefined {
  if (text === '') return 'a topic is not empty';
  if (text.startsWith('$share/') && shareOf(text) === '') {
    return 'a shared subscription is $share/GROUP/TOPIC';
  }
  const levels = text.slice(shareOf(text).length).split('/');
  const names = new Set<string>();
  for (const [i, level] of levels.entries()) {
    if (level === '#' && i < levels.length - 1) return "'#' stands for all the rest: put it last";
    if (level === '#' || level === '+') continue;
    const name = CAPTURE.exec(level)?.[1];
    if (name === undefined && /[{}+#]/.test(level)) {
      return `'${level}': {name}, + and # stand for a whole level between two '/'`;
    }
    if (name === undefined) continue;
    if (names.has(name) || name === 'topic') return `the name '${name}' is taken`;
    names.add(name);
  }
  return undefined;
}

/** Compiles a template that `topicError` has nothing against. */
export function compileTopic(text: string): TopicTemplate {
  const share = shareOf(text);
  const levels = text.slice(share.length).split('/');
  const names = levels.map((level) => CAPTURE.exec(level)?.[1]);
  const open = levels.at(-1) === '#';
  const fixed = open ? levels.length - 1 : levels.length;
  return {
    filter: share + levels.map((level, i) => (names[i] === undefined ? level : '+')).join('/'),
    match(topic) {
      const parts = topic.split('/');
      if (open ? parts.length < fixed : parts.length !== fixed) return null;
      const captured: Record<string, string> = { topic };
      for (let i = 0; i < fixed; i += 1) {
        const part = parts[i] ?? '';
        const name = names[i];
        if (name !== undefined) captured[name] = part;
        else if (levels[i] !== '+' && levels[i] !== part) return null;
      }
      return captured;
    },
  };
}

/** '$share/group/' of a shared subscription, '' of any other. */
export function shareOf(text: string): string {
  return /^\$share\/[^/+#]+\/(?=.)/.exec(text)?.[0] ?? '';
}

/** The names that '{name}' refers to in a text. */
export function namesIn(text: string): string[] {
  return [...text.matchAll(NAME)].map((match) => match[1] ?? '');
}

/** The names a topic template gives its levels, and `topic` for the whole topic. */
export function namesOf(template: string): Set<string> {
  return new Set(['topic', ...namesIn(template)]);
}

/** Puts captured levels into 'text with {name}'; an unknown name stays as it is. */
export function expand(text: string, captured: Record<string, string>): string {
  return text.replace(NAME, (whole, name: string) =>
    Object.hasOwn(captured, name) ? (captured[name] ?? whole) : whole,
  );
}
