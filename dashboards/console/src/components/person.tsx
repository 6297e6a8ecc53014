import { useRemembered } from '../hooks.ts';
import { signedName } from '../session.ts';
import { strings } from '../strings.ts';
import { TextField } from './fields.tsx';

/** Whose name stands under what is sent: the login's, else one that was typed and is remembered. */
export interface Person {
  signed: string | null;
  name: string;
  setName(name: string): void;
  /** the part of a request that names the person; nothing when the login does */
  as(field: string): Record<string, string>;
}

export function usePerson(): Person {
  const [typed, setName] = useRemembered('meyar-name');
  const signed = signedName();
  return {
    signed,
    name: signed ?? typed,
    setName,
    as: (field): Record<string, string> => (signed === null ? { [field]: typed } : {}),
  };
}

interface NameProps {
  person: Person;
  label: string;
  class?: string;
}

/** The field for the name, or the name of the login. */
export function SignedField(props: NameProps) {
  const { signed } = props.person;
  if (signed === null) return <NameField {...props} />;
  return <p class="quiet">{strings.people.signedAs(signed)}</p>;
}

/** The field for the name; nothing for somebody who logged in. */
export function NameField({ person, label, class: name = '' }: NameProps) {
  if (person.signed !== null) return null;
  return (
    <TextField
      label={label}
      value={person.name}
      onText={person.setName}
      max={80}
      autocomplete="name"
      class={name}
    />
  );
}
