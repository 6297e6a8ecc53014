import { useState } from 'preact/hooks';
import { post } from '../api.ts';
import { Loading, Panel, ScrollTable } from '../components/facts.tsx';
import { Refused, TextField, useSubmit } from '../components/fields.tsx';
import { RoleSelect } from '../components/role-select.tsx';
import { TokensPanel } from '../components/tokens-panel.tsx';
import { time } from '../format.ts';
import { useGet, useNow } from '../hooks.ts';
import { may, signedName } from '../session.ts';
import { strings } from '../strings.ts';
import type { Role, User } from '../types.ts';

const { people } = strings;
const text = people.users;

/** Who may log in, and which programs; where nobody may yet, how to begin. */
export function UsersPage() {
  if (!may('GET /api/users')) return <NoUsers />;
  return (
    <>
      <div class="page-head">
        <h1>{text.title}</h1>
      </div>
      <Users />
      <TokensPanel />
    </>
  );
}

function NoUsers() {
  return (
    <>
      <div class="page-head">
        <h1>{text.title}</h1>
      </div>
      <section class="panel entry-wide stack">
        <p>{text.none}</p>
        <p>
          <a href="#/claim">{text.first}</a>
        </p>
      </section>
    </>
  );
}

function Users() {
  const loaded = useGet<User[]>('users');
  const columns = [people.name, people.role, people.factor.title, text.screens, text.seen, ''];
  return (
    <Panel title={text.list}>
      <Loading loaded={loaded}>
        {(users) => (
          <ScrollTable label={text.list} columns={columns}>
            {users.map((one) => (
              <Row key={one.name} user={one} onDone={loaded.reload} />
            ))}
          </ScrollTable>
        )}
      </Loading>
      <AddUser onDone={loaded.reload} />
    </Panel>
  );
}

function Row({ user, onDone }: { user: User; onDone: () => void }) {
  const now = useNow();
  const own = user.name === signedName();
  const [open, setOpen] = useState<'password' | 'remove' | null>(null);
  const [error, setError] = useState('');
  const send = async (path: string, body: object = {}) => {
    setError('');
    try {
      await post(`users/${encodeURIComponent(user.name)}/${path}`, body);
      setOpen(null);
      onDone();
    } catch (thrown) {
      setError((thrown as Error).message);
    }
  };
  return (
    <tr>
      <th scope="row">
        {user.name} {own && <span class="quiet">({text.you})</span>}
      </th>
      <td>
        {own ? (
          people.roles[user.role]
        ) : (
          <RoleSelect value={user.role} onRole={(role) => send('role', { role })} />
        )}
      </td>
      <td>{user.secondFactor ? people.factor.yes : people.factor.no}</td>
      <td>{user.sessions}</td>
      <td>{time(user.seenAt, now, false)}</td>
      <td>
        {!own && <Actions user={user} open={open} setOpen={setOpen} send={send} />}
        <Refused error={error} />
      </td>
    </tr>
  );
}

interface ActionsProps {
  user: User;
  open: 'password' | 'remove' | null;
  setOpen: (open: 'password' | 'remove' | null) => void;
  send: (path: string, body?: object) => Promise<void>;
}

function Actions({ user, open, setOpen, send }: ActionsProps) {
  const [password, setPassword] = useState('');
  if (open === 'password') {
    const submit = (event: Event) => {
      event.preventDefault();
      void send('password', { password });
    };
    return (
      <form class="inline" onSubmit={submit}>
        <TextField
          label={text.newPassword(user.name)}
          type="password"
          value={password}
          onText={setPassword}
          autocomplete="new-password"
        />
        <button type="submit" class="primary">
          {text.save}
        </button>
        <button type="button" onClick={() => setOpen(null)}>
          {text.cancel}
        </button>
      </form>
    );
  }
  if (open === 'remove') {
    return (
      <span class="inline">
        {text.removeSure(user.name)}
        <button type="button" class="primary" onClick={() => send('remove')}>
          {text.removeYes}
        </button>
        <button type="button" onClick={() => setOpen(null)}>
          {text.cancel}
        </button>
      </span>
    );
  }
  return (
    <span class="inline">
      <button type="button" onClick={() => setOpen('password')}>
        {text.setPassword}
      </button>
      <button type="button" disabled={user.sessions === 0} onClick={() => send('end-sessions')}>
        {text.end}
      </button>
      {user.secondFactor && (
        <button type="button" onClick={() => send('reset-second-factor')}>
          {people.factor.reset}
        </button>
      )}
      <button type="button" onClick={() => setOpen('remove')}>
        {text.remove}
      </button>
    </span>
  );
}

function AddUser({ onDone }: { onDone: () => void }) {
  const [name, setName] = useState('');
  const [role, setRole] = useState<Role>('operator');
  const [password, setPassword] = useState('');
  const { error, busy, submit } = useSubmit(async () => {
    await post('users', { name, role, password });
    setName('');
    setPassword('');
    onDone();
  });
  return (
    <form class="row-form" onSubmit={submit} aria-label={text.add}>
      <h3 class="whole">{text.add}</h3>
      <TextField label={people.name} value={name} onText={setName} max={40} />
      <div class="field">
        <span aria-hidden="true">{people.role}</span>
        <RoleSelect value={role} onRole={setRole} />
      </div>
      <TextField
        label={text.firstPassword}
        type="password"
        value={password}
        onText={setPassword}
        autocomplete="new-password"
      />
      <button type="submit" class="primary" disabled={busy}>
        {text.addSubmit}
      </button>
      <Refused error={error} />
    </form>
  );
}
