import { useEffect, useRef } from 'preact/hooks';
import { strings } from '../strings.ts';

interface Props {
  value: string;
  onText: (value: string) => void;
  /** takes the focus when it appears */
  focused?: boolean;
}

/** Six digits of the app, or a recovery code; phones and browsers may fill it in. */
export function CodeField({ value, onText, focused = false }: Props) {
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (focused) input.current?.focus();
  }, [focused]);
  return (
    <label>
      <span>{strings.people.factor.code}</span>
      <input
        ref={input}
        required
        type="text"
        autocomplete="one-time-code"
        spellcheck={false}
        maxLength={60}
        value={value}
        onInput={(event) => onText(event.currentTarget.value)}
      />
    </label>
  );
}
