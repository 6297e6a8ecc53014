import { FIRST_BAD_QUALITY, QUALITY } from '../../model.ts';
import type { SourceContext } from '../source.ts';
import type { Decoded } from './decode.ts';
import type { Member } from './members.ts';
import { tellDoubt } from './trust.ts';

/** Looks at what was read as a person would: can that be? What cannot is made bad, and told once. */
export interface Suspicion {
  /** looks first at what tells whether the others are to be believed */
  watch(member: Member, view: DataView, at: number): void;
  read(member: Member, view: DataView, at: number): Decoded;
  /** tells what was found since the last time, all of one answer together */
  tell(): void;
}

const NOTHING: Decoded = { value: Number.NaN, quality: QUALITY.BAD_VALUE };
/** Tags named in one sentence. */
const NAMED = 5;

export function createSuspicion(context: SourceContext): Suspicion {
  const found = new Map<string, string[]>();
  const note = (what: string, tag: string) => {
    const tags = found.get(what);
    if (tags) tags.push(tag);
    else found.set(what, [tag]);
  };
  return {
    watch(member, view, at) {
      if (member.watches.length === 0 || member.read === null) return;
      const { value, quality } = member.read(view, at);
      const seen = quality < FIRST_BAD_QUALITY ? value : Number.NaN;
      for (const doubt of member.watches) if (doubt.take(seen)) tellDoubt(context, doubt);
    },
    read(member, view, at) {
      const decoded = member.read?.(view, at) ?? NOTHING;
      if (member.layout !== null) {
        const said = member.layout(decoded, view, at);
        if (said !== '' && said !== member.layoutTold) {
          note(`register layout changed: plausible ${sayLayout(said)}`, member.tag);
        }
        if (said !== '' || decoded.quality === QUALITY.GOOD) member.layoutTold = said;
      }
      if (member.stuck !== null && decoded.quality === QUALITY.GOOD) {
        const hangs = member.stuck.next(decoded.value);
        if (hangs && !member.hangs)
          note(`the same value ${member.stuck.needed()} times in a row`, member.tag);
        member.hangs = hangs;
        if (hangs) {
          decoded.value = Number.NaN;
          decoded.quality = QUALITY.BAD_STUCK;
        }
      }
      const suspect = member.doubts.length > 0 && member.doubts.some((doubt) => doubt.holds);
      if (suspect && decoded.quality < FIRST_BAD_QUALITY) {
        decoded.value = Number.NaN;
        decoded.quality = QUALITY.BAD_SUSPECT;
      }
      return decoded;
    },
    tell() {
      if (found.size === 0) return;
      for (const [what, tags] of found) {
        const more = tags.length > NAMED ? ` and ${tags.length - NAMED} more` : '';
        const text = `${what} (${tags.slice(0, NAMED).join(', ')}${more}); left out until it is well`;
        context.log.warn('modbus.suspect', { text });
        context.report({ kind: 'device', severity: 'alarm', text, timeMs: context.clock.now() });
      }
      found.clear();
    },
  };
}

const sayLayout = (said: string) => (said.startsWith('times') ? said : `as ${said}`);
