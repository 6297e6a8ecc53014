import { useState } from 'preact/hooks';

interface FieldProps {
  label: string;
  value: string;
  onText: (value: string) => void;
  type?: 'text' | 'password' | 'number';
  autocomplete?: string;
  max?: number;
  required?: boolean;
  class?: string;
}

/** One labelled line of a form. */
export function TextField(props: FieldProps) {
  const { label, value, onText, type = 'text', autocomplete = 'off', max = 128 } = props;
  const { required = true, class: name = '' } = props;
  return (
    <label class={name}>
      <span>{label}</span>
      <input
        required={required}
        type={type as 'text'}
        autocomplete={autocomplete as 'off'}
        maxLength={max}
        dir="auto"
        value={value}
        onInput={(event) => onText(event.currentTarget.value)}
      />
    </label>
  );
}

/** Runs what a form asks for: one at a time, and says why it did not work. */
export function useSubmit(work: () => Promise<void>) {
  const [error, setError] = useState('');
  const [busy, setBusy] = useState(false);
  const submit = async (event?: Event) => {
    event?.preventDefault();
    if (busy) return;
    setBusy(true);
    setError('');
    try {
      await work();
    } catch (thrown) {
      const { message, hint = '' } = thrown as Error & { hint?: string };
      setError(`${message} ${hint}`.trim());
    }
    setBusy(false);
  };
  return { error, busy, submit };
}

/** Why something did not work, said to everybody. */
export function Refused({ error }: { error: string }) {
  return (
    <p role="alert" class="refused whole">
      {error}
    </p>
  );
}
