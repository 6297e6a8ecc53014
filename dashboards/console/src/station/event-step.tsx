import { post } from '../api.ts';
import { Refused, useSubmit } from '../components/fields.tsx';
import { NameField, usePerson } from '../components/person.tsx';
import type { StationWords } from '../strings-station.ts';

interface Props {
  kind: 'tool-change' | 'lot';
  machine: string;
  words: StationWords;
  onDone: (said: string) => void;
}

/** One press more than a slip of the hand: records a tool change or a new lot at this machine. */
export function EventStep({ kind, machine, words, onDone }: Props) {
  const person = usePerson();
  const tool = kind === 'tool-change';
  const { error, busy, submit } = useSubmit(async () => {
    const text = tool ? 'tool changed, told at the station' : 'new lot, told at the station';
    await post('events', { kind, text, machine, ...person.as('by') });
    onDone(words.sent);
  });
  return (
    <form class="station-answer" onSubmit={submit}>
      <h2>{tool ? words.buttons.tool : words.buttons.lot}</h2>
      <NameField person={person} label={words.yourName} class="field" />
      <p class="station-buttons">
        <button type="submit" class="primary" disabled={busy}>
          {words.send}
        </button>
        <button type="button" onClick={() => onDone('')}>
          {words.cancel}
        </button>
      </p>
      <Refused error={error} />
    </form>
  );
}
