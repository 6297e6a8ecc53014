import { useState } from 'preact/hooks';
import { post } from '../api.ts';
import { time } from '../format.ts';
import { useNow } from '../hooks.ts';
import { may } from '../session.ts';
import { strings } from '../strings.ts';
import type { Characteristic } from '../types.ts';
import { Refused, useSubmit } from './fields.tsx';
import { NameField, type Person, usePerson } from './person.tsx';

const text = strings.gauges;

/** Where a gauge was changed: a person may sign that what both measured counts as one. */
export function PoolGauges({ characteristic: c }: { characteristic: Characteristic }) {
  const [open, setOpen] = useState(false);
  const apart = c.capability.apart ?? [];
  if (apart.length === 0 || !may('POST /api/characteristics/:id/gauges/pool')) return null;
  if (!open) {
    return (
      <button type="button" class="no-print" onClick={() => setOpen(true)}>
        {text.pool}
      </button>
    );
  }
  return <PoolForm key={c.id} characteristic={c} onEnd={() => setOpen(false)} />;
}

/** First name and reason; then what the signature does, and the signature. */
function PoolForm(props: { characteristic: Characteristic; onEnd: () => void }) {
  const { characteristic: c, onEnd } = props;
  const person = usePerson();
  const [reason, setReason] = useState('');
  const [checked, setChecked] = useState(false);
  const path = `characteristics/${encodeURIComponent(c.id)}/gauges/pool`;
  const { error, busy, submit } = useSubmit(async () => {
    if (!checked) setChecked(true);
    else {
      await post(path, { ...person.as('by'), reason: reason.trim() });
      onEnd();
    }
  });
  return (
    <form class="shelve no-print" onSubmit={submit} aria-label={text.pool}>
      {checked ? (
        <Effect characteristic={c} person={person} reason={reason.trim()} />
      ) : (
        <Wish person={person} reason={reason} onReason={setReason} />
      )}
      <button type="submit" class="primary" disabled={busy}>
        {busy ? text.busy : checked ? text.sign : text.check}
      </button>
      <button type="button" onClick={checked ? () => setChecked(false) : onEnd}>
        {checked ? text.change : text.cancel}
      </button>
      <Refused error={error} />
    </form>
  );
}

interface WishProps {
  person: Person;
  reason: string;
  onReason: (reason: string) => void;
}

function Wish({ person, reason, onReason }: WishProps) {
  return (
    <>
      <p class="quiet">{text.help}</p>
      <NameField person={person} label={text.name} class="whole" />
      <label class="whole">
        <span>{text.reason}</span>
        <textarea
          required
          rows={2}
          minLength={3}
          maxLength={500}
          dir="auto"
          placeholder={text.reasonHelp}
          value={reason}
          onInput={(event) => onReason(event.currentTarget.value)}
        />
      </label>
    </>
  );
}

interface EffectProps {
  characteristic: Characteristic;
  person: Person;
  reason: string;
}

/** What will be different afterwards, in numbers. */
function Effect({ characteristic, person, reason }: EffectProps) {
  const now = useNow();
  const { apart = [], n } = characteristic.capability;
  return (
    <div class="whole">
      <h3>{text.signing}</h3>
      <ul class="rules">
        {apart.map((one) => (
          <li key={`${one.until} ${one.gauge}`}>
            {text.joins(one.gauge, one.readings, time(one.until, now, false))}
          </li>
        ))}
        <li>{text.now(n)}</li>
      </ul>
      <p>
        {text.one} {text.lasting} {text.same}
      </p>
      <p>{text.audit(person.name, reason)}</p>
    </div>
  );
}
