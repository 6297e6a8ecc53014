import { useState } from 'preact/hooks';
import { post } from '../api.ts';
import { Facts, Panel } from '../components/facts.tsx';
import { Refused, TextField, useSubmit } from '../components/fields.tsx';
import { OwnSessions } from '../components/own-sessions.tsx';
import { SecondFactor } from '../components/second-factor.tsx';
import { loadMe, startOver } from '../session.ts';
import { strings } from '../strings.ts';
import type { Me } from '../types.ts';

const text = strings.people;

/** Who am I, my password, and the way out. */
export function AccountPage({ me }: { me: Me }) {
  const out = useSubmit(async () => {
    await post('logout', {});
    startOver('#/');
  });
  if (me.by !== 'session' || me.role === null) return <h1>{strings.notFound}</h1>;
  return (
    <>
      <div class="page-head">
        <h1>{text.account.title}</h1>
      </div>
      <Panel title={me.name} class="entry-wide">
        <Facts
          rows={[
            [text.role, `${text.roles[me.role]}: ${text.rights[me.role]}`],
            [text.account.idle, text.account.idleFor((me.idleMs ?? 0) / 60_000)],
          ]}
        />
        <button type="button" class="spaced" onClick={() => out.submit()} disabled={out.busy}>
          {text.account.out}
        </button>
        <Refused error={out.error} />
      </Panel>
      <SecondFactor me={me} />
      <Password least={me.leastPassword} name={me.name} />
      <OwnSessions />
    </>
  );
}

function Password({ least, name }: { least: number; name: string }) {
  const [old, setOld] = useState('');
  const [password, setPassword] = useState('');
  const [done, setDone] = useState(false);
  const { error, busy, submit } = useSubmit(async () => {
    setDone(false);
    await post('password', { old, password });
    await loadMe();
    setOld('');
    setPassword('');
    setDone(true);
  });
  return (
    <form class="panel entry-wide stack" onSubmit={submit} aria-label={text.account.change}>
      <h2>{text.account.change}</h2>
      <input
        type="text"
        class="hidden"
        autocomplete="username"
        value={name}
        readOnly
        tabIndex={-1}
      />
      <TextField
        label={text.account.old}
        type="password"
        value={old}
        onText={setOld}
        autocomplete="current-password"
      />
      <TextField
        label={text.account.next}
        type="password"
        value={password}
        onText={setPassword}
        autocomplete="new-password"
      />
      <p class="small quiet">{text.hint(least)}</p>
      <button type="submit" class="primary" disabled={busy}>
        {text.account.submit}
      </button>
      <Refused error={error} />
      <p role="status">{done && text.account.changed}</p>
    </form>
  );
}
