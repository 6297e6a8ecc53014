import { useEffect, useRef, useState } from 'preact/hooks';
import { post } from '../api.ts';
import { Refused, useSubmit } from '../components/fields.tsx';
import { NameField, usePerson } from '../components/person.tsx';
import { takeAlert } from '../live.ts';
import type { StationWords } from '../strings-station.ts';
import type { Alert } from '../types.ts';

interface Props {
  alert: Alert;
  words: StationWords;
  onDone: (said: string) => void;
}

/** Two presses on large buttons: what it was, what was done. What is kept is the English word. */
export function Answer({ alert, words, onDone }: Props) {
  const person = usePerson();
  const [cause, setCause] = useState<string | null>(null);
  const [action, setAction] = useState<string | null>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  // Each question is a new text: people who hear it are put at its start.
  useEffect(() => heading.current?.focus(), [cause === null]);
  const { error, busy, submit } = useSubmit(async () => {
    if (cause === null || action === null) return;
    const body = { cause, action, ...person.as('by') };
    takeAlert(await post<Alert>(`alerts/${alert.id}/acknowledge`, body));
    onDone(words.sent);
  });
  return (
    <form class="station-answer" onSubmit={submit}>
      <h2 tabIndex={-1} ref={heading}>
        {cause === null ? words.cause : words.action}
      </h2>
      <p dir="auto" class="quiet">
        {alert.title}
      </p>
      {cause === null ? (
        <Choices of={words.causes} chosen={cause} onPick={setCause} />
      ) : (
        <>
          <Choices of={words.actions} chosen={action} onPick={setAction} />
          <NameField person={person} label={words.yourName} class="field" />
        </>
      )}
      <p class="station-buttons">
        {cause !== null && (
          <button type="submit" class="primary" disabled={busy || action === null}>
            {words.send}
          </button>
        )}
        <button type="button" onClick={() => onDone('')}>
          {words.cancel}
        </button>
      </p>
      <Refused error={error} />
    </form>
  );
}

interface ChoicesProps {
  of: Record<string, string>;
  chosen: string | null;
  onPick: (word: string) => void;
}

function Choices({ of, chosen, onPick }: ChoicesProps) {
  return (
    <div class="choices">
      {Object.entries(of).map(([word, shown]) => (
        <button
          key={word}
          type="button"
          aria-pressed={word === chosen}
          onClick={() => onPick(word)}
        >
          {shown}
        </button>
      ))}
    </div>
  );
}
