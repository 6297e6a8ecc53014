import { FLAG_KINDS, type Flag, type FlagKind, LETTERS } from '../chart/happened.ts';
import { strings } from '../strings.ts';

interface Props {
  flags: Flag[];
  hidden: ReadonlySet<FlagKind>;
  onToggle: (kind: FlagKind) => void;
}

/** Which vertical marks there are; pressing one takes its kind off the chart or puts it back. */
export function FlagLegend({ flags, hidden, onToggle }: Props) {
  const kinds = FLAG_KINDS.filter((kind) => flags.some((flag) => flag.kind === kind));
  if (kinds.length === 0) return null;
  return (
    <fieldset class="flag-legend small">
      <legend class="hidden">{strings.flags.legend}</legend>
      {kinds.map((kind) => (
        <button
          key={kind}
          type="button"
          aria-pressed={!hidden.has(kind)}
          onClick={() => onToggle(kind)}
        >
          <i class="letter" aria-hidden="true">
            {LETTERS[kind]}
          </i>{' '}
          {strings.flags.kinds[kind]} ({flags.filter((flag) => flag.kind === kind).length})
        </button>
      ))}
    </fieldset>
  );
}
