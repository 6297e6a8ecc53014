import { useState } from 'preact/hooks';
import { post } from '../api.ts';
import { time } from '../format.ts';
import { useGet, useNow } from '../hooks.ts';
import { strings } from '../strings.ts';
import type { Role, Token } from '../types.ts';
import { Loading, Panel, ScrollTable } from './facts.tsx';
import { Refused, TextField, useSubmit } from './fields.tsx';
import { RoleSelect } from './role-select.tsx';

const { people } = strings;
const text = people.tokens;

/** Tokens of programs: made, shown once, taken away. */
export function TokensPanel() {
  const loaded = useGet<Token[]>('tokens');
  const columns = [people.name, people.role, text.until, text.by, ''];
  return (
    <Panel title={text.title}>
      <p class="quiet help">{text.help}</p>
      <Loading loaded={loaded}>
        {(tokens) =>
          tokens.length === 0 ? (
            <p class="quiet">{text.none}</p>
          ) : (
            <ScrollTable label={text.title} columns={columns}>
              {tokens.map((one) => (
                <Row key={one.id} token={one} onDone={loaded.reload} />
              ))}
            </ScrollTable>
          )
        }
      </Loading>
      <AddToken onDone={loaded.reload} />
    </Panel>
  );
}

function Row({ token, onDone }: { token: Token; onDone: () => void }) {
  const now = useNow();
  const { error, submit } = useSubmit(async () => {
    await post(`tokens/${token.id}/remove`, {});
    onDone();
  });
  return (
    <tr>
      <th scope="row">{token.name}</th>
      <td>{people.roles[token.role]}</td>
      <td>
        {time(token.until, now)} {token.expired && text.expired}
      </td>
      <td>
        {token.by} {token.left && <b>{text.left}</b>}
      </td>
      <td>
        <button type="button" onClick={() => submit()}>
          {people.users.removeYes}
        </button>
        <Refused error={error} />
      </td>
    </tr>
  );
}

function AddToken({ onDone }: { onDone: () => void }) {
  const [name, setName] = useState('');
  const [role, setRole] = useState<Role>('viewer');
  const [days, setDays] = useState('90');
  const [secret, setSecret] = useState('');
  const { error, busy, submit } = useSubmit(async () => {
    const made = await post<{ secret: string }>('tokens', { name, role, days: Number(days) });
    setSecret(made.secret);
    setName('');
    onDone();
  });
  return (
    <form class="row-form" onSubmit={submit} aria-label={text.add}>
      <h3 class="whole">{text.add}</h3>
      <TextField label={people.name} value={name} onText={setName} max={40} />
      <div class="field">
        <span aria-hidden="true">{people.role}</span>
        <RoleSelect value={role} onRole={setRole} withAdmin={false} />
      </div>
      <TextField label={text.days} type="number" value={days} onText={setDays} max={3} />
      <button type="submit" class="primary" disabled={busy}>
        {people.users.addSubmit}
      </button>
      <Refused error={error} />
      {secret !== '' && (
        <p class="whole secret" role="status">
          {text.made} <code>{secret}</code>
        </p>
      )}
    </form>
  );
}
