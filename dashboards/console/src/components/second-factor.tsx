import { useState } from 'preact/hooks';
import { post } from '../api.ts';
import { loadMe } from '../session.ts';
import { strings } from '../strings.ts';
import type { Enrolment, Me } from '../types.ts';
import { CodeField } from './code-field.tsx';
import { Refused, TextField, useSubmit } from './fields.tsx';

const text = strings.people.factor;

/** One's own second factor: set it up, get new recovery codes, take it away. */
export function SecondFactor({ me }: { me: Me }) {
  const { mode, on, lacking, recoveryLeft } = me.secondFactor;
  const [codes, setCodes] = useState<string[]>([]);
  const done = async (recovery: string[]) => {
    setCodes(recovery);
    await loadMe();
  };
  if (mode === 'off' && !on) return null;
  return (
    <section class="panel entry-wide stack" aria-label={text.title}>
      <h2>{text.title}</h2>
      <p>{lacking ? text.lacking : on ? text.on(recoveryLeft ?? 0) : text.help}</p>
      {codes.length > 0 && <Codes codes={codes} />}
      {on ? <Change onDone={done} /> : <SetUp onDone={done} />}
    </section>
  );
}

function Codes({ codes }: { codes: string[] }) {
  return (
    <div class="secret" role="status">
      <p>{text.keep}</p>
      <ul class="codes">
        {codes.map((one) => (
          <li key={one}>
            <code>{one}</code>
          </li>
        ))}
      </ul>
      <button type="button" onClick={() => print()}>
        {text.print}
      </button>
    </div>
  );
}

function SetUp({ onDone }: { onDone: (recovery: string[]) => Promise<void> }) {
  const [password, setPassword] = useState('');
  const [code, setCode] = useState('');
  const [begun, setBegun] = useState<Enrolment | null>(null);
  const { error, busy, submit } = useSubmit(async () => {
    if (begun === null) {
      setBegun(await post<Enrolment>('second-factor/begin', { password }));
      return;
    }
    const made = await post<{ recovery: string[] }>('second-factor/confirm', { code });
    await onDone(made.recovery);
  });
  return (
    <form class="stack" onSubmit={submit} aria-label={text.setUp}>
      {begun === null ? (
        <Password value={password} onText={setPassword} />
      ) : (
        <>
          <Secret begun={begun} />
          <CodeField value={code} onText={setCode} focused />
        </>
      )}
      <button type="submit" class="primary" disabled={busy}>
        {begun === null ? text.setUp : text.turnOn}
      </button>
      <Refused error={error} />
    </form>
  );
}

function Secret({ begun: { secret, uri, qr } }: { begun: Enrolment }) {
  return (
    <>
      <p>{text.scan}</p>
      {qr !== null && (
        <svg class="qr" viewBox={`0 0 ${qr.size} ${qr.size}`} role="img" aria-label={text.picture}>
          <path d={qr.path} />
        </svg>
      )}
      <p class="secret">
        {text.type} <code>{secret}</code>
      </p>
      <p class="small">
        <a href={uri}>{text.here}</a>
      </p>
    </>
  );
}

function Change({ onDone }: { onDone: (recovery: string[]) => Promise<void> }) {
  const [password, setPassword] = useState('');
  const [code, setCode] = useState('');
  const send = (what: 'recovery' | 'remove') => async () => {
    const path = `second-factor/${what}`;
    const made = await post<{ recovery?: string[] }>(path, { password, code });
    setPassword('');
    setCode('');
    await onDone(made.recovery ?? []);
  };
  const renew = useSubmit(send('recovery'));
  const remove = useSubmit(send('remove'));
  return (
    <form class="stack" onSubmit={renew.submit} aria-label={text.change}>
      <Password value={password} onText={setPassword} />
      <CodeField value={code} onText={setCode} />
      <span class="inline">
        <button type="submit" disabled={renew.busy}>
          {text.renew}
        </button>
        <button
          type="button"
          disabled={remove.busy || password === '' || code === ''}
          onClick={() => remove.submit()}
        >
          {text.remove}
        </button>
      </span>
      <Refused error={renew.error || remove.error} />
    </form>
  );
}

function Password({ value, onText }: { value: string; onText: (value: string) => void }) {
  return (
    <TextField
      label={strings.people.password}
      type="password"
      value={value}
      onText={onText}
      autocomplete="current-password"
    />
  );
}
