import { useState } from 'preact/hooks';
import { ApiError, post } from '../api.ts';
import { CodeField } from '../components/code-field.tsx';
import { Refused, TextField, useSubmit } from '../components/fields.tsx';
import { startOver, useMe } from '../session.ts';
import { strings } from '../strings.ts';

const text = strings.people;

/** The way in where there are users. */
export function LoginPage() {
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  // null: the account may have no second factor; nobody knows before the password is right.
  const [code, setCode] = useState<string | null>(null);
  const { error, busy, submit } = useSubmit(async () => {
    try {
      await post('login', { name, password, ...(code !== null && { code }) });
    } catch (thrown) {
      const asks = thrown instanceof ApiError && thrown.code === 'code-needed';
      if (!asks) throw thrown;
      setCode('');
      return;
    }
    startOver();
  });
  return (
    <form class="panel entry" onSubmit={submit} aria-label={text.login.title}>
      <h1>{text.login.title}</h1>
      <TextField label={text.name} value={name} onText={setName} autocomplete="username" max={80} />
      <TextField
        label={text.password}
        type="password"
        value={password}
        onText={setPassword}
        autocomplete="current-password"
      />
      {code !== null && (
        <>
          <CodeField value={code} onText={setCode} focused />
          <p class="small quiet" role="status">
            {text.factor.ask}
          </p>
        </>
      )}
      <button type="submit" class="primary" disabled={busy}>
        {busy ? text.login.busy : text.login.submit}
      </button>
      <Refused error={error} />
      <p class="small">
        <a href="#/claim">{text.login.code}</a>
      </p>
    </form>
  );
}

/** The first administrator, or one who forgot the password. */
export function ClaimPage() {
  const me = useMe();
  const [code, setCode] = useState('');
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const { error, busy, submit } = useSubmit(async () => {
    await post('claim', { code, name, password });
    startOver('#/users');
  });
  return (
    <form class="panel entry" onSubmit={submit} aria-label={text.claim.title}>
      <h1>{text.claim.title}</h1>
      <p class="quiet">
        {text.claim.help} <code>{text.claim.command}</code>
      </p>
      <TextField label={text.claim.code} value={code} onText={setCode} max={40} />
      <TextField label={text.name} value={name} onText={setName} autocomplete="username" max={40} />
      <TextField
        label={text.claim.newPassword}
        type="password"
        value={password}
        onText={setPassword}
        autocomplete="new-password"
      />
      <p class="small quiet">{text.hint(me?.leastPassword ?? 12)}</p>
      <button type="submit" class="primary" disabled={busy}>
        {busy ? text.login.busy : text.claim.submit}
      </button>
      <Refused error={error} />
      {me?.role === null && (
        <p class="small">
          <a href="#/">{text.claim.back}</a>
        </p>
      )}
    </form>
  );
}
