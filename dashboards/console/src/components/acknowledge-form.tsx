import { useState } from 'preact/hooks';
import { post } from '../api.ts';
import { takeAlert } from '../live.ts';
import { may } from '../session.ts';
import { strings } from '../strings.ts';
import type { Alert } from '../types.ts';
import { SignedField, usePerson } from './person.tsx';

const text = strings.acknowledge;
const EMPTY = { cause: '', action: '', comment: '' };

/** Who, why, what was done. The name is remembered on this screen; the cause has suggestions. */
export function AcknowledgeForm({ id }: { id: number }) {
  if (!may('POST /api/alerts/:id/acknowledge')) {
    return <p class="quiet">{strings.people.needs('operator')}</p>;
  }
  return <Form id={id} />;
}

function Form({ id }: { id: number }) {
  const person = usePerson();
  const [answer, setAnswer] = useState(EMPTY);
  const [error, setError] = useState('');
  const [busy, setBusy] = useState(false);
  const put = (name: keyof typeof EMPTY) => (value: string) =>
    setAnswer((before) => ({ ...before, [name]: value }));

  const submit = async (event: Event) => {
    event.preventDefault();
    if ([person.name, answer.cause, answer.action].some((words) => words.trim() === '')) {
      setError(text.missing);
      return;
    }
    setBusy(true);
    setError('');
    try {
      const body = { ...person.as('by'), ...answer };
      takeAlert(await post<Alert>(`alerts/${id}/acknowledge`, body));
    } catch (thrown) {
      setError((thrown as Error).message);
      setBusy(false);
    }
  };

  return (
    <form class="answer" onSubmit={submit} noValidate aria-label={text.title}>
      <h3>{text.title}</h3>
      <SignedField person={person} label={text.by} />
      <Field
        name="cause"
        label={text.cause}
        value={answer.cause}
        max={200}
        {...CAUSES}
        onText={put('cause')}
      />
      <Causes />
      <Field
        name="action"
        label={text.action}
        value={answer.action}
        max={500}
        onText={put('action')}
        required
      />
      <Field
        name="comment"
        label={text.comment}
        value={answer.comment}
        max={2000}
        onText={put('comment')}
      />
      <button type="submit" class="primary whole" disabled={busy}>
        {busy ? text.busy : text.submit}
      </button>
      <p role="alert" class="whole">
        {error}
      </p>
    </form>
  );
}

function Causes() {
  return (
    <datalist id="causes">
      {text.causes.map((one) => (
        <option key={one} value={one} />
      ))}
    </datalist>
  );
}

const CAUSES = { required: true, list: 'causes' };

interface FieldProps {
  name: string;
  label: string;
  value: string;
  max: number;
  onText: (value: string) => void;
  required?: boolean;
  list?: string;
}

function Field({ name, label, value, max, onText, required = false, list }: FieldProps) {
  return (
    <label class={required ? '' : 'whole'}>
      <span>
        {label} {!required && <small>({text.optional})</small>}
      </span>
      <input
        name={name}
        aria-required={required}
        list={list}
        maxLength={max}
        autocomplete="off"
        value={value}
        onInput={(event) => onText(event.currentTarget.value)}
      />
    </label>
  );
}
