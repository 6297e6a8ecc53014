import { useRef, useState } from 'preact/hooks';
import { post } from '../api.ts';
import { time, withUnit } from '../format.ts';
import { useLive, useNow } from '../hooks.ts';
import { numberOf } from '../number.ts';
import { strings } from '../strings.ts';
import type { Characteristic, ManualForm } from '../types.ts';
import { Refused, TextField, useSubmit } from './fields.tsx';
import { SignedField, usePerson } from './person.tsx';
import { Shape } from './status.tsx';

const text = strings.entry;

interface Props {
  forms: ManualForm[];
  /** characteristic that is chosen at first */
  first: string | undefined;
  onDone: () => void;
}

/** Type, see what it would mean, send: the value is said back before anything is recorded. */
export function ValueForm({ forms, first, onDone }: Props) {
  const known = useLive((state) => state.characteristics);
  const [id, setId] = useState(first);
  const chosen = forms.find((form) => form.characteristic === id) ?? forms[0];
  const c = known.get(chosen?.characteristic ?? '');
  if (chosen === undefined) return <p class="quiet">{text.none}</p>;
  if (c === undefined) return <p class="quiet">{strings.loading}</p>;
  return (
    <>
      <label class="field">
        <span>{text.characteristic}</span>
        <select value={c.id} onChange={(event) => setId(event.currentTarget.value)}>
          {forms.map((form) => (
            <option key={form.characteristic} value={form.characteristic}>
              {known.get(form.characteristic)?.name ?? form.characteristic}
            </option>
          ))}
        </select>
      </label>
      <Form key={c.id} form={chosen} characteristic={c} onDone={onDone} />
    </>
  );
}

interface FormProps {
  form: ManualForm;
  characteristic: Characteristic;
  onDone: () => void;
}

function Form({ form, characteristic: c, onDone }: FormProps) {
  const now = useNow();
  const field = useRef<HTMLInputElement>(null);
  const person = usePerson();
  const [typed, setTyped] = useState('');
  const [gauge, setGauge] = useState(form.gauges?.[0] ?? '');
  const [reason, setReason] = useState('');
  const [checked, setChecked] = useState<number | null>(null);
  const [saved, setSaved] = useState('');
  const { error, busy, submit } = useSubmit(async () => {
    const value = numberOf(typed);
    if (value === null) throw new Error(text.noNumber);
    if (checked === null) {
      setSaved('');
      setChecked(value);
      return;
    }
    const body = { characteristic: c.id, value, gauge, reason, ...person.as('operator') };
    const answer = await post<{ value: number; at: string }>('readings', body);
    setSaved(
      text.saved(
        c.name,
        withUnit(answer.value, decimalsOf(typed, c), c.unit),
        time(answer.at, now),
      ),
    );
    setTyped('');
    setReason('');
    setChecked(null);
    field.current?.focus();
    onDone();
  });
  const change = () => {
    setChecked(null);
    field.current?.focus();
  };
  return (
    <form class="stack" onSubmit={submit} aria-label={text.value}>
      <label>
        <span>{c.unit === '' ? text.read : `${text.read} (${c.unit})`}</span>
        <input
          ref={field}
          class="number-field"
          required
          inputMode="decimal"
          autocomplete="off"
          maxLength={20}
          value={typed}
          onInput={(event) => {
            setTyped(event.currentTarget.value);
            setChecked(null);
          }}
        />
        <small class="quiet">{text.readHelp}</small>
      </label>
      <Gauge gauges={form.gauges} gauge={gauge} onGauge={setGauge} />
      <SignedField person={person} label={text.operator} />
      <TextField label={text.reason} value={reason} onText={setReason} max={500} required={false} />
      {checked !== null && <Echo value={checked} typed={typed} form={form} characteristic={c} />}
      <p class="inline">
        <button type="submit" class="primary big-button" disabled={busy}>
          {busy ? text.busy : checked === null ? text.check : text.send}
        </button>
        {checked !== null && (
          <button type="button" onClick={change}>
            {text.change}
          </button>
        )}
      </p>
      <Refused error={error} />
      <p role="status" class="saved">
        {saved}
      </p>
    </form>
  );
}

/** As many decimals as were typed, so that nothing seems rounded. */
function decimalsOf(typed: string, c: Characteristic): number {
  return Math.max(c.decimals, (/[.,](\d+)/.exec(typed)?.[1] ?? '').length);
}

function Gauge(props: {
  gauges: string[] | null;
  gauge: string;
  onGauge: (gauge: string) => void;
}) {
  const { gauges, gauge, onGauge } = props;
  if (gauges === null)
    return <TextField label={text.gauge} value={gauge} onText={onGauge} max={80} />;
  return (
    <label>
      <span>{text.gauge}</span>
      <select value={gauge} onChange={(event) => onGauge(event.currentTarget.value)}>
        {gauges.map((one) => (
          <option key={one}>{one}</option>
        ))}
      </select>
    </label>
  );
}

/** What the value means, before it is sent: a comma in the wrong place is seen here. */
function Echo(props: {
  value: number;
  typed: string;
  form: ManualForm;
  characteristic: Characteristic;
}) {
  const { value, typed, form, characteristic: c } = props;
  const decimals = decimalsOf(typed, c);
  const said = (v: number) => withUnit(v, decimals, c.unit);
  const far =
    (form.least !== null && value < form.least) || (form.most !== null && value > form.most);
  const out = (c.lsl !== null && value < c.lsl) || (c.usl !== null && value > c.usl);
  const state = far || out ? 'alarm' : 'ok';
  return (
    <div class={`echo is-${state}`} role="status">
      <p class="last">{said(value)}</p>
      <p>
        <Shape name={state} /> {far ? text.far : meaning(value, c, said)}
      </p>
      {c.lastValue !== null && (
        <p class="quiet">{text.last(withUnit(c.lastValue, c.decimals, c.unit))}</p>
      )}
    </div>
  );
}

function meaning(value: number, c: Characteristic, said: (v: number) => string): string {
  if (c.lsl === null && c.usl === null) return text.open;
  if (c.lsl !== null && value < c.lsl) return text.below(said(c.lsl - value));
  if (c.usl !== null && value > c.usl) return text.above(said(value - c.usl));
  return text.inside;
}
