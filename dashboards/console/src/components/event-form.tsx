import { useState } from 'preact/hooks';
import { post } from '../api.ts';
import { useLive } from '../hooks.ts';
import { strings } from '../strings.ts';
import { Refused, TextField, useSubmit } from './fields.tsx';
import { SignedField, usePerson } from './person.tsx';

const KINDS = ['tool-change', 'gauge-change', 'lot', 'shift', 'maintenance', 'adjustment'] as const;

/** A tool change, a new lot …: one line that explains the charts later. */
export function EventForm({ onDone }: { onDone: () => void }) {
  const text = strings.happened;
  const characteristics = useLive((state) => state.characteristics);
  const machines = [...new Set([...characteristics.values()].map((c) => c.machine))]
    .filter((machine) => machine !== '')
    .sort();
  const person = usePerson();
  const [kind, setKind] = useState<string>(KINDS[0]);
  const [said, setSaid] = useState('');
  const [machine, setMachine] = useState('');
  const [saved, setSaved] = useState('');
  const kinds: Record<string, string> = strings.flags.kinds;
  const { error, busy, submit } = useSubmit(async () => {
    setSaved('');
    const where = machine === '' ? {} : { machine };
    await post('events', { kind, text: said, ...where, ...person.as('by') });
    setSaved(text.saved(kinds[kind] ?? kind, said));
    setSaid('');
    onDone();
  });
  return (
    <form class="stack" onSubmit={submit} aria-label={text.title}>
      <p class="quiet">{text.help}</p>
      <label>
        <span>{text.kind}</span>
        <select value={kind} onChange={(event) => setKind(event.currentTarget.value)}>
          {KINDS.map((one) => (
            <option key={one} value={one}>
              {kinds[one]}
            </option>
          ))}
        </select>
      </label>
      <label>
        <span>{text.where}</span>
        <select value={machine} onChange={(event) => setMachine(event.currentTarget.value)}>
          <option value="">{text.everywhere}</option>
          {machines.map((one) => (
            <option key={one}>{one}</option>
          ))}
        </select>
      </label>
      <TextField label={text.text} value={said} onText={setSaid} max={500} />
      <SignedField person={person} label={strings.entry.operator} />
      <button type="submit" class="primary big-button" disabled={busy}>
        {text.submit}
      </button>
      <Refused error={error} />
      <p role="status" class="saved">
        {saved}
      </p>
    </form>
  );
}
